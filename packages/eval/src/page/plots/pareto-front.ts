/** Something that costs and is worth something. */
export interface Offer {
  readonly cost: number;
  readonly quality: number;
}

/** Those for which no other one is better at no higher cost, or as good at a lower one; cheapest first. */
export function paretoFront<Kind extends Offer>(offers: readonly Kind[]): readonly Kind[] {
  const sorted = offers.toSorted((one, other) => one.cost - other.cost || other.quality - one.quality);
  const front: Kind[] = [];
  for (const offer of sorted) {
    const best = front.at(-1);
    const isSame = best !== undefined && best.cost === offer.cost && best.quality === offer.quality;
    if (best === undefined || offer.quality > best.quality || isSame) front.push(offer);
  }
  return front;
}
