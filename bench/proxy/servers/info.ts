/** `/info` of a server whose other limits do not matter; by default each request is one call. */
export function infoOf(documentsPerCall: number = 10_000): string {
  return JSON.stringify({
    model_id: "bench/reranker",
    model_sha: "0000000000000000000000000000000000000000",
    model_dtype: "float16",
    model_type: { reranker: { id2label: { "0": "LABEL_0" }, label2id: { LABEL_0: 0 } } },
    max_concurrent_requests: 1_000_000,
    max_input_length: 8_192,
    max_batch_tokens: 1_000_000,
    max_client_batch_size: documentsPerCall,
    auto_truncate: true,
    tokenization_workers: 2,
    version: "1.9.3",
  });
}
