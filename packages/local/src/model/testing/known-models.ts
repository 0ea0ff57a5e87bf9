import type { ModelFiles } from "./make-model.ts";

/**
 * The files of well-known models as their repositories have them, at a thousandth of their sizes or less, with the fields of
 * their configurations that count.
 */
export const knownModels = {
  "cross-encoder/ms-marco-MiniLM-L6-v2": {
    "config.json": {
      architectures: ["BertForSequenceClassification"],
      model_type: "bert",
      id2label: { "0": "LABEL_0" },
      label2id: { LABEL_0: 0 },
      max_position_embeddings: 512,
      pad_token_id: 0,
      sentence_transformers: { activation_fn: "torch.nn.modules.linear.Identity", version: "4.0.1" },
    },
    "tokenizer_config.json": { model_max_length: 512, do_lower_case: true, tokenizer_class: "BertTokenizer" },
    "tokenizer.json": 711_000,
    "model.safetensors": 90_900_000,
    "pytorch_model.bin": 90_900_000,
    "openvino/openvino_model.xml": 211_000,
    ...weights("onnx/model", 91_000, [
      "",
      "_O1",
      "_O2",
      "_O3",
      "_O4",
      "_qint8_arm64",
      "_qint8_avx512",
      "_qint8_avx512_vnni",
      "_quint8_avx2",
    ]),
  },
  "BAAI/bge-reranker-base": {
    "config.json": {
      architectures: ["XLMRobertaForSequenceClassification"],
      model_type: "xlm-roberta",
      id2label: { "0": "LABEL_0" },
      max_position_embeddings: 514,
      pad_token_id: 1,
    },
    "tokenizer_config.json": { model_max_length: 512 },
    "tokenizer.json": 17_000,
    "model.safetensors": 1_112_000,
    "onnx/model.onnx": 1_112_000,
    "onnx/config.json": { architectures: ["XLMRobertaForSequenceClassification"] },
    "onnx/tokenizer.json": 17_000,
  },
  "onnx-community/bge-reranker-v2-m3-ONNX": {
    "config.json": {
      architectures: ["XLMRobertaForSequenceClassification"],
      model_type: "xlm-roberta",
      id2label: { "0": "LABEL_0" },
      max_position_embeddings: 8194,
      pad_token_id: 1,
    },
    "tokenizer_config.json": { model_max_length: 8192 },
    "tokenizer.json": 17_000,
    "onnx/model.onnx": 600_000,
    "onnx/model.onnx_data": 2_271_000,
    ...weights("onnx/model", 570_000, ["_fp16", "_int8", "_quantized", "_uint8", "_q4", "_bnb4"]),
  },
  /** As its authors publish it: without a file for ONNX Runtime. */
  "BAAI/bge-reranker-v2-m3": {
    "config.json": {
      architectures: ["XLMRobertaForSequenceClassification"],
      model_type: "xlm-roberta",
      id2label: { "0": "LABEL_0" },
      max_position_embeddings: 8194,
      pad_token_id: 1,
    },
    "tokenizer_config.json": { model_max_length: 8192 },
    "tokenizer.json": 17_000,
    "model.safetensors": 2_271_000,
  },
  "mixedbread-ai/mxbai-rerank-xsmall-v1": {
    "config.json": {
      architectures: ["DebertaV2ForSequenceClassification"],
      model_type: "deberta-v2",
      id2label: { "0": "LABEL_0" },
      max_position_embeddings: 512,
      relative_attention: true,
      position_biased_input: false,
      pad_token_id: 0,
    },
    "tokenizer_config.json": { model_max_length: 512 },
    "tokenizer.json": 8_600_000,
    "model.safetensors": 142_000,
    ...weights("onnx/model", 284_000, ["", "_quantized"]),
  },
  /** Its code is its own, and its configuration names no type. */
  "jinaai/jina-reranker-v2-base-multilingual": {
    "config.json": {
      architectures: ["XLMRobertaForSequenceClassification"],
      auto_map: { AutoConfig: "configuration_xlm_roberta.XLMRobertaFlashConfig" },
      num_labels: 1,
      id2label: { "0": "LABEL_0" },
      classifier_dropout: null,
      max_position_embeddings: 1026,
      pad_token_id: 1,
    },
    "tokenizer_config.json": { model_max_length: 1024 },
    "tokenizer.json": 17_000,
    "configuration_xlm_roberta.py": "raise SystemExit",
    "model.safetensors": 557_000,
    ...weights("onnx/model", 1_112_000, ["", "_bnb4", "_fp16", "_int8", "_q4", "_q4f16", "_quantized", "_uint8"]),
  },
  "Alibaba-NLP/gte-reranker-modernbert-base": {
    "config.json": {
      architectures: ["ModernBertForSequenceClassification"],
      model_type: "modernbert",
      id2label: { "0": "LABEL_0" },
      max_position_embeddings: 8192,
      pad_token_id: 50_283,
    },
    "tokenizer_config.json": { model_max_length: 8192 },
    "tokenizer.json": 3_580_000,
    "model.safetensors": 598_000,
    ...weights("onnx/model", 599_000, ["", "_bnb4", "_fp16", "_int8", "_q4", "_q4f16", "_quantized", "_uint8"]),
  },
  "cross-encoder/nli-deberta-v3-small": {
    "config.json": {
      architectures: ["DebertaV2ForSequenceClassification"],
      model_type: "deberta-v2",
      id2label: { "0": "contradiction", "1": "entailment", "2": "neutral" },
      max_position_embeddings: 512,
    },
    "tokenizer_config.json": { model_max_length: 1e30 },
    "tokenizer.json": 8_600_000,
    "onnx/model.onnx": 568_000,
  },
  "cross-encoder/quora-roberta-base": {
    "config.json": {
      architectures: ["RobertaForSequenceClassification"],
      model_type: "roberta",
      id2label: { "0": "LABEL_0" },
      max_position_embeddings: 514,
      pad_token_id: 1,
    },
    "tokenizer_config.json": { model_max_length: 512 },
    "tokenizer.json": 1_400_000,
    "onnx/model.onnx": 500_000,
  },
  /** Saved by sentence-transformers 5.4 or later, which gives cross-encoders a modules.json too. */
  "me/cross-encoder-with-modules": {
    "config.json": {
      architectures: ["ModernBertForSequenceClassification"],
      model_type: "modernbert",
      id2label: { "0": "LABEL_0" },
      max_position_embeddings: 8192,
    },
    "modules.json": [
      { idx: 0, name: "0", path: "", type: "sentence_transformers.base.modules.transformer.Transformer" },
    ],
    "config_sentence_transformers.json": {
      model_type: "CrossEncoder",
      prompts: {},
      default_prompt_name: null,
      activation_fn: "torch.nn.modules.activation.Sigmoid",
    },
    "sentence_bert_config.json": { transformer_task: "sequence-classification", module_output_name: "scores" },
    "tokenizer_config.json": { model_max_length: 1024 },
    "tokenizer.json": 3_580_000,
    "onnx/model.onnx": 599_000,
  },
  "sentence-transformers/all-MiniLM-L6-v2": {
    "config.json": {
      architectures: ["BertModel"],
      model_type: "bert",
      max_position_embeddings: 512,
      pad_token_id: 0,
    },
    "modules.json": modules("Pooling", "Normalize"),
    "1_Pooling/config.json": {
      word_embedding_dimension: 384,
      pooling_mode_cls_token: false,
      pooling_mode_mean_tokens: true,
      pooling_mode_max_tokens: false,
      pooling_mode_mean_sqrt_len_tokens: false,
    },
    "config_sentence_transformers.json": { __version__: { sentence_transformers: "2.0.0" } },
    "sentence_bert_config.json": { max_seq_length: 256, do_lower_case: false },
    "tokenizer_config.json": { model_max_length: 512, do_lower_case: true },
    "tokenizer.json": 466_000,
    "pytorch_model.bin": 90_900_000,
    "rust_model.ot": 90_900_000,
    ...weights("onnx/model", 90_400_000, [
      "",
      "_O1",
      "_O2",
      "_O3",
      "_O4",
      "_qint8_arm64",
      "_qint8_avx512",
      "_qint8_avx512_vnni",
      "_quint8_avx2",
    ]),
  },
  "BAAI/bge-small-en-v1.5": {
    "config.json": {
      architectures: ["BertModel"],
      model_type: "bert",
      id2label: { "0": "LABEL_0" },
      max_position_embeddings: 512,
    },
    "modules.json": modules("Pooling", "Normalize"),
    "1_Pooling/config.json": { pooling_mode_cls_token: true, pooling_mode_mean_tokens: false },
    "sentence_bert_config.json": { max_seq_length: 512, do_lower_case: true },
    "tokenizer_config.json": { model_max_length: 512, do_lower_case: true },
    "tokenizer.json": 711_000,
    "onnx/model.onnx": 133_000,
  },
  "intfloat/multilingual-e5-small": {
    "config.json": {
      architectures: ["BertModel"],
      model_type: "bert",
      max_position_embeddings: 512,
      tokenizer_class: "XLMRobertaTokenizer",
    },
    "modules.json": modules("Pooling", "Normalize"),
    "1_Pooling/config.json": { pooling_mode_mean_tokens: true },
    "sentence_bert_config.json": { max_seq_length: 512, do_lower_case: false },
    "tokenizer_config.json": { model_max_length: 512 },
    "tokenizer.json": 17_000,
    ...weights("onnx/model", 470_000, ["", "_O4", "_qint8_avx512_vnni"]),
  },
  "Snowflake/snowflake-arctic-embed-xs": {
    "config.json": { architectures: ["BertModel"], model_type: "bert", max_position_embeddings: 512 },
    "modules.json": modules("Pooling", "Normalize"),
    "1_Pooling/config.json": { pooling_mode_cls_token: true, pooling_mode_mean_tokens: false, include_prompt: true },
    "config_sentence_transformers.json": {
      prompts: { query: "Represent this sentence for searching relevant passages: " },
      default_prompt_name: null,
    },
    "sentence_bert_config.json": { max_seq_length: 512 },
    "tokenizer_config.json": { model_max_length: 512 },
    "tokenizer.json": 711_000,
    ...weights("onnx/model", 90_000, ["", "_int8", "_quantized", "_uint8", "_fp16", "_q4", "_q4f16", "_bnb4"]),
  },
  "sentence-transformers/all-mpnet-base-v2": {
    "config.json": {
      architectures: ["MPNetForMaskedLM"],
      model_type: "mpnet",
      max_position_embeddings: 514,
      pad_token_id: 1,
    },
    "modules.json": modules("Pooling", "Normalize"),
    "1_Pooling/config.json": { pooling_mode_mean_tokens: true },
    "sentence_bert_config.json": { max_seq_length: 384, do_lower_case: false },
    "tokenizer_config.json": { model_max_length: 512 },
    "tokenizer.json": 466_000,
    "onnx/model.onnx": 436_000,
  },
  /** An architecture of a generative model, of which sentence-transformers takes the last token's vector. */
  "Qwen/Qwen3-Embedding-0.6B": {
    "config.json": {
      architectures: ["Qwen3ForCausalLM"],
      model_type: "qwen3",
      max_position_embeddings: 32_768,
      pad_token_id: null,
    },
    "modules.json": modules("Pooling", "Normalize"),
    "1_Pooling/config.json": { pooling_mode_mean_tokens: false, pooling_mode_lasttoken: true, include_prompt: true },
    "config_sentence_transformers.json": {
      prompts: {
        query: "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:",
        document: "",
      },
      default_prompt_name: null,
      similarity_fn_name: "cosine",
    },
    "tokenizer_config.json": { model_max_length: 131_072 },
    "tokenizer.json": 11_400_000,
    "onnx/model.onnx": 1_000,
    "onnx/model.onnx_data": 2_380_000,
  },
  "onnx-community/Qwen3-Embedding-0.6B-ONNX": {
    "config.json": { architectures: ["Qwen3ForCausalLM"], model_type: "qwen3", max_position_embeddings: 32_768 },
    "tokenizer_config.json": { model_max_length: 131_072 },
    "tokenizer.json": 11_400_000,
    "onnx/model.onnx": 1_000,
    "onnx/model.onnx_data": 2_380_000,
    ...weights("onnx/model", 600_000, ["_fp16", "_int8", "_q4", "_quantized", "_uint8"]),
  },
  /** With two further layers behind the pooling. */
  "google/embeddinggemma-300m": {
    "config.json": {
      architectures: ["Gemma3TextModel"],
      model_type: "gemma3_text",
      max_position_embeddings: 2048,
    },
    "modules.json": modules("Pooling", "Dense", "Dense", "Normalize"),
    "1_Pooling/config.json": { pooling_mode_mean_tokens: true },
    "2_Dense/config.json": { in_features: 768, out_features: 3072 },
    "config_sentence_transformers.json": {
      model_type: "SentenceTransformer",
      prompts: { query: "task: search result | query: ", document: "title: none | text: " },
    },
    "tokenizer_config.json": { model_max_length: 2048 },
    "tokenizer.json": 20_300_000,
    "onnx/model.onnx": 400_000,
    "onnx/model.onnx_data": 1_230_000,
  },
  /** As conversions for transformers.js are: without a word about pooling. */
  "Xenova/bge-small-en-v1.5": {
    "config.json": {
      architectures: ["BertModel"],
      model_type: "bert",
      id2label: { "0": "LABEL_0" },
      max_position_embeddings: 512,
    },
    "tokenizer_config.json": { model_max_length: 512 },
    "tokenizer.json": 711_000,
    "quantize_config.json": { per_channel: true, reduce_range: true },
    ...weights("onnx/model", 133_000, ["", "_quantized"]),
  },
  "Qwen/Qwen3-Reranker-0.6B": {
    "config.json": { architectures: ["Qwen3ForCausalLM"], model_type: "qwen3", max_position_embeddings: 40_960 },
    "tokenizer_config.json": { model_max_length: 131_072 },
    "tokenizer.json": 11_400_000,
    "model.safetensors": 1_191_000,
  },
  "zeroentropy/zerank-2": {
    "config.json": { architectures: ["Qwen3ForCausalLM"], model_type: "qwen3" },
    "modules.json": [
      { idx: 0, name: "0", path: "", type: "sentence_transformers.base.modules.transformer.Transformer" },
      {
        idx: 1,
        name: "1",
        path: "1_LogitScore",
        type: "sentence_transformers.cross_encoder.modules.logit_score.LogitScore",
      },
    ],
    "config_sentence_transformers.json": { model_type: "CrossEncoder" },
    "tokenizer.json": 11_400_000,
    "model.safetensors": 8_000_000,
  },
  "BAAI/bge-reranker-v2-gemma": {
    "config.json": { architectures: ["GemmaForCausalLM"], model_type: "gemma", max_position_embeddings: 8192 },
    "tokenizer.json": 17_500_000,
    "model-00001-of-00003.safetensors": 4_900_000,
  },
  "tomaarsen/Qwen3-Reranker-0.6B-seq-cls": {
    "config.json": {
      architectures: ["Qwen3ForSequenceClassification"],
      model_type: "qwen3",
      id2label: { "0": "LABEL_0" },
    },
    "tokenizer.json": 11_400_000,
    "onnx/model.onnx": 1_000,
  },
  "colbert-ir/colbertv2.0": {
    "config.json": { architectures: ["HF_ColBERT"], model_type: "bert", max_position_embeddings: 512 },
    "artifact.metadata": { query_token_id: "[unused0]" },
    "tokenizer.json": 466_000,
    "pytorch_model.bin": 438_000,
    "onnx/model.onnx": 436_000,
  },
  "lightonai/GTE-ModernColBERT-v1": {
    "config.json": { architectures: ["ModernBertModel"], model_type: "modernbert", max_position_embeddings: 8192 },
    "modules.json": [
      { idx: 0, name: "0", path: "", type: "sentence_transformers.models.Transformer" },
      { idx: 1, name: "1", path: "1_Dense", type: "pylate.models.Dense.Dense" },
    ],
    "config_sentence_transformers.json": {
      query_prefix: "[Q] ",
      document_prefix: "[D] ",
      similarity_fn_name: "MaxSim",
    },
    "tokenizer.json": 3_580_000,
    "onnx/model.onnx": 599_000,
  },
  "minishlab/potion-base-8M": {
    "config.json": { model_type: "model2vec", architectures: ["StaticModel"], normalize: true },
    "modules.json": [
      { idx: 0, name: "0", path: ".", type: "sentence_transformers.models.StaticEmbedding" },
      { idx: 1, name: "1", path: "1_Normalize", type: "sentence_transformers.models.Normalize" },
    ],
    "tokenizer.json": 700_000,
    "model.safetensors": 30_200_000,
    "onnx/model.onnx": 30_200_000,
  },
  "naver/splade-cocondenser-ensembledistil": {
    "config.json": { architectures: ["BertForMaskedLM"], model_type: "bert", max_position_embeddings: 512 },
    "modules.json": [
      { idx: 0, name: "0", path: "", type: "sentence_transformers.sparse_encoder.models.MLMTransformer" },
      {
        idx: 1,
        name: "1",
        path: "1_SpladePooling",
        type: "sentence_transformers.sparse_encoder.models.SpladePooling",
      },
    ],
    "config_sentence_transformers.json": { model_type: "SparseEncoder" },
    "tokenizer.json": 466_000,
    "onnx/model.onnx": 436_000,
  },
  "sentence-transformers/clip-ViT-B-32": {
    "modules.json": [{ idx: 0, name: "0", path: "0_CLIPModel", type: "sentence_transformers.models.CLIPModel" }],
    "0_CLIPModel/config.json": { architectures: ["CLIPModel"], model_type: "clip" },
    "0_CLIPModel/tokenizer.json": 2_200_000,
    "onnx/model.onnx": 605_000,
  },
  "deepset/roberta-base-squad2": {
    "config.json": { architectures: ["RobertaForQuestionAnswering"], model_type: "roberta" },
    "tokenizer.json": 1_400_000,
    "onnx/model.onnx": 496_000,
  },
  "google-bert/bert-base-uncased": {
    "config.json": { architectures: ["BertForMaskedLM"], model_type: "bert", max_position_embeddings: 512 },
    "tokenizer.json": 466_000,
    "onnx/model.onnx": 436_000,
  },
  "gpustack/bge-reranker-v2-m3-GGUF": {
    "bge-reranker-v2-m3-Q4_K_M.gguf": 438_000,
    "README.md": "# GGUF",
  },
} satisfies Readonly<Record<string, ModelFiles>>;

export type KnownModel = keyof typeof knownModels;

function weights(stem: string, bytes: number, variants: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(variants.map((variant, index) => [`${stem}${variant}.onnx`, bytes + index]));
}

function modules(...behind: readonly string[]): readonly object[] {
  const type = "sentence_transformers.models.";
  return [
    { idx: 0, name: "0", path: "", type: `${type}Transformer` },
    ...behind.map((name, index) => ({
      idx: index + 1,
      name: `${index + 1}`,
      path: `${index + 1}_${name}`,
      type: `${type}${name}`,
    })),
  ];
}
