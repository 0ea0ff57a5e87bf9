/** A model as the configuration names it: an id, or an ARN of whatever kind. */
export interface ModelName {
  /** `cohere.rerank-v3-5:0`; the ARN itself where it names no foundation model. */
  readonly id: string;
  /** As InvokeModel takes it in its path. */
  readonly given: string;
  /** Of an ARN. */
  readonly region: string | undefined;
  /** As the Rerank API takes it. */
  arnIn(region: string): string;
}

const arnPattern = /^arn:[\w-]+:bedrock:([a-z0-9-]+):/;
const foundationModel = /^arn:[\w-]+:bedrock:[a-z0-9-]*::foundation-model\/(.+)$/;

/** The Rerank API takes ARNs alone, and people know ids: an ARN is made of an id, and taken as it is. */
export function readModelName(model: string): ModelName {
  return {
    id: foundationModel.exec(model)?.[1] ?? model,
    given: model,
    region: arnPattern.exec(model)?.[1],
    arnIn: (region) =>
      model.startsWith("arn:") ? model : `arn:${partitionOf(region)}:bedrock:${region}::foundation-model/${model}`,
  };
}

/** InvokeModel speaks the format of the model's vendor. The ARN of an inference profile does not say whose it is. */
export function isOfCohere({ id }: ModelName): boolean {
  return id.startsWith("arn:") || /^(?:[a-z-]+\.)?cohere\./.test(id);
}

function partitionOf(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}
