/**
 * What the files of a model say it is: everything that scoring needs, as plain data. The process that ranks makes it, and
 * the child process that holds the model gets it.
 */
export type ModelDescription = CrossEncoder | BiEncoder;

interface Described {
  /** As the configuration names it, without the prefix: `cross-encoder/ms-marco-MiniLM-L6-v2`. For messages. */
  readonly name: string;
  /** The absolute path of the folder that the files are in. */
  readonly folder: string;
  /** The commit, where the model is in the cache of the Hub. */
  readonly revision: string | undefined;
  /** The absolute path of `tokenizer.json`. */
  readonly tokenizer: string;
  readonly weights: Weights;
  /** Tokens that the model reads at once: query, document and special tokens of a pair, or those of one text. At least 8. */
  readonly tokens: number;
  /** For the operator: `pooling has no effect: …`; mostly none. */
  readonly warnings: readonly string[];
}

/** Reads a query and a document together and says how well they match. */
export interface CrossEncoder extends Described {
  readonly kind: "cross-encoder";
  /** Outputs of the model, one or more. */
  readonly labels: number;
  /** The one that means "relevant"; 0 where there is one. */
  readonly positive: number;
}

/** Turns each text into a vector of its own; the score is the cosine of the two. */
export interface BiEncoder extends Described {
  readonly kind: "bi-encoder";
  /**
   * How the vectors of a text's tokens become one, unless the model does that itself. `in-the-file`: more happens than can
   * be done here (further layers), so that only a file that gives one vector a text is right.
   */
  readonly pooling: "mean" | "cls" | "max" | "last-token" | "in-the-file";
  /** What the model wants in front of each text, such as `query: `; mostly empty. */
  readonly prompts: { readonly query: string; readonly document: string };
}

/** The weights of a model, as they lie on disk. */
export interface Weights {
  /** The absolute path, of a regular file or of a link to one. */
  readonly path: string;
  /** Within the model's folder, with `/`: `onnx/model_qint8_avx512_vnni.onnx`. */
  readonly file: string;
  readonly dtype: Dtype;
  /** Whether integers are multiplied: the file itself says it. */
  readonly integers: boolean;
  /** Files within the model's folder that hold the weights of a large model: `onnx/model.onnx_data`. */
  readonly externalData: readonly string[];
  /** Of the file and of external data. */
  readonly bytes: number;
  /** Why these, for people: `made for the instructions of this CPU (avx2)`. */
  readonly reason: string;
}

export const dtypes = ["fp32", "fp16", "bf16", "int8", "uint8", "q8", "q4", "q4f16", "bnb4"] as const;
/** How weights are stored. `q8` is 8 bits where the file does not say whether they are signed. */
export type Dtype = (typeof dtypes)[number];
