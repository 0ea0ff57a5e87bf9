import type { Configs } from "./read-configs.ts";
import { unusable } from "../errors.ts";

/**
 * Tokens that a model reads at once: what its authors set, and never more than it has positions for, because one more
 * makes the runtime fail. Of models for very long texts no more than `mostUnasked`, unless `max_length` asks for it.
 * @param model Its name, for messages.
 * @throws DheeraError `invalid_request` where `max_length` is more than it has
 */
export function countTokens(model: string, configs: Configs, maxLength: number | undefined): number {
  const positions = positionsOf(configs);
  if (maxLength !== undefined) {
    if (Number.isInteger(maxLength) && maxLength >= fewest && maxLength <= positions) return maxLength;
    throw unusable(
      "invalid_request",
      "max_length",
      `max_length must be a whole number from ${fewest} to ${positions} for local/${model}`,
    );
  }
  const { transformer, tokenizer } = configs;
  const set = transformer.max_seq_length ?? saneLength(tokenizer.model_max_length);
  const tokens = Math.min(set ?? (positions === mostTokens ? usual : positions), positions, mostUnasked);
  return Math.max(tokens, fewest);
}

const fewest = 8;
const usual = 512;
/**
 * The memory of attention grows with the square: 12 heads and 32 bits are 0.2 GB for 2,048 tokens and 3.2 GB for 8,192, so
 * that one long document could end the process of a model that nobody expects to be so large.
 */
const mostUnasked = 2_048;
/** No encoder has more, and the work grows with the square. */
const mostTokens = 131_072;

function saneLength(length: number | null | undefined): number | undefined {
  return length && Number.isInteger(length) && length > 0 && length <= mostTokens ? length : undefined;
}

function positionsOf({ config }: Configs): number {
  const positions = saneLength(config?.max_position_embeddings);
  if (positions === undefined) return mostTokens;
  return startsBehindPadding(config) ? positions - (config?.pad_token_id ?? 1) - 1 : positions;
}

/**
 * Whether positions begin behind the number of the padding token, as in fairseq: of 514 such models use 512. Those with
 * code of their own may leave out `model_type`.
 */
function startsBehindPadding(config: Configs["config"]): boolean {
  const { model_type: type, architectures } = config ?? {};
  return type ? fairseqTypes.has(type) : fairseqArchitecture.test(architectures?.[0] ?? "");
}

const fairseqTypes: ReadonlySet<string> = new Set([
  "roberta",
  "roberta-prelayernorm",
  "xlm-roberta",
  "xlm-roberta-xl",
  "xmod",
  "camembert",
  "mpnet",
  "longformer",
  "ibert",
  "data2vec-text",
  "luke",
  "mluke",
]);

const fairseqArchitecture = /^(?:XLM)?(?:Roberta|Camembert|MPNet|Longformer|Xmod|IBert|Data2VecText|Luke)/;
