/** The licence of a model, as its card says. */
export interface Licence {
  /** `apache-2.0`, `other`; undefined where the card names none. */
  readonly id: string | undefined;
  /** Of a licence that has no id of its own. */
  readonly name: string | undefined;
  readonly link: string | undefined;
  /** Whether it is known to forbid or to limit commercial use. What is not known counts as allowed. */
  readonly isNonCommercial: boolean;
}

/** Judges by the words of the card; nobody's lawyer. */
export function describeLicence(card: Pick<Licence, "id" | "name" | "link">): Licence {
  const words = [card.id, card.name].filter((word) => word !== undefined).map((word) => word.toLowerCase());
  return { ...card, isNonCommercial: words.some((word) => nonCommercial.test(word)) };
}

/** Creative Commons with NC, licences for research alone (Apple's, Mistral's, DeepFloyd's), and names that say it. */
const nonCommercial = /\bnc\b|non-?commercial|\bresearch\b|^apple-amlr$|^deepfloyd|\bmnpl\b|\bmrl\b/;
