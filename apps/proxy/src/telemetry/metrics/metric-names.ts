/**
 * Every metric of the proxy, without the prefix `dheera_ai_` and, for counters, the suffix `_total`, and what it tells.
 * Names that LiteLLM has as well are its names.
 */
export const metricNames = {
  cache_entries: "Scores held in memory.",
  cache_bytes: "Memory set aside for scores.",
  cache_redis_up: "1: Redis is used. 0: it cannot be reached, and memory serves alone.",
  cache_redis_skipped: "Reads and writes done without Redis because it was away, slow or full.",
  deployment_total_requests: "Calls to an upstream, retries, copies and failed questions what it is included.",
  deployment_success_responses: "Calls that brought scores.",
  deployment_failure_responses: "Calls that did not, by error code.",
  deployment_documents: "Documents sent to an upstream, retries and copies included.",
  deployment_hedged_requests: "Calls that were copies of a straggling call.",
  deployment_retries: "Batches sent again, by the deployment that had failed and its error code.",
  deployment_cooled_down: "Times a deployment was left alone after failures, by the last error code.",
  llm_api_latency_metric: "Seconds of a call that brought scores.",
  deployment_queue_time_seconds: "Seconds that a batch waited before its call began.",
  in_flight_requests: "Requests being answered.",
  build_info: "Always 1; the label is the version.",
  log_lines_dropped: "Log lines dropped because their reader was too slow.",
  deployment_state: "0: serves. 1: is starting, or its last call failed. 2: is left alone after failures.",
  deployment_documents_in_flight: "Documents the upstream works on for us.",
  deployment_documents_queued: "Documents waiting for a place at the deployment.",
  deployment_background_documents_queued: "Documents waiting for what nobody else wants of the deployment.",
  deployment_documents_allowed: "Documents it may have in flight now; absent where no limit is known.",
  deployment_successful_fallbacks: "Fallbacks to another model name that served.",
  deployment_failed_fallbacks: "Fallbacks to another model name that failed as well.",
  proxy_total_requests_metric: "Requests answered.",
  proxy_failed_requests_metric: "Requests that failed, by error code and by whose fault it was.",
  request_total_latency_metric:
    "Seconds from a rerank request to its answer, without requests that failed by their caller's fault.",
  overhead_latency_metric:
    "Seconds of a rerank request in which neither an upstream worked nor a batch waited: what the proxy itself takes.",
  request_queue_time_seconds:
    "Seconds of a rerank request in which no call was in flight and a batch waited for a slot or a retry.",
  documents: "Documents that rerank requests brought.",
  batches: "Batches that these documents were sent in, retries not counted.",
  cache_hits_metric: "Texts whose score was known.",
  cache_misses_metric: "Texts whose score had to be computed although there is a cache.",
  input_tokens_metric: "Input tokens as upstreams counted them.",
  spend_metric: "US dollars that calls to upstreams cost, as far as it is known; calls of failed requests included.",
  deployment_unpriced_responses:
    "Calls that brought scores and whose cost is not known, at providers that bill: what spend_metric lacks.",
  saved_spend_metric:
    "US dollars that texts would have cost whose scores were known or repeated; estimated for tokens.",
  remaining_api_key_budget_metric: "US dollars that a key may still spend, as far as this proxy knows.",
  api_key_max_budget_metric: "US dollars that a key may spend in the time of its budget.",
  remaining_user_budget_metric: "The same of a user.",
  user_max_budget_metric: "The same of a user.",
  remaining_team_budget_metric: "The same of a team.",
  team_max_budget_metric: "The same of a team.",
  remaining_org_budget_metric: "The same of an organization.",
  org_max_budget_metric: "The same of an organization.",
  spend_refused_answers:
    "Answers that could not be booked because the database can never take them; with spend_journal they are in refused.jsonl.",
  database_up: "1: the database of teams is used. 0: it cannot be.",
  spend_unbooked_answers: "Answers that are not in the database yet, those in the journal included.",
  spend_journal_bytes: "Bytes of the journal of what the database has not taken yet.",
  report_processes: "Processes that run to read reports from SQLite.",
  reports_waiting: "Reports that wait for such a process.",
  reports_failed: "Reports that nobody got: refused for too many at once, timeout, or ended with their process.",
  redis_up: "1: Redis is used for what processes share. 0: it cannot be reached, and each process decides alone.",
  deployment_processes: "Child processes of a deployment's model, by state: serving or starting.",
  deployment_process_memory_bytes: "Memory of these processes, as they last said.",
  deployment_processes_ended: "Child processes that were lost or had to be replaced, by how.",
  passthrough: "Requests answered in input order because nothing could rank.",
  batch_lines: "Lines of batches that this process has ended: completed or failed.",
  batch_queue_up: "1: the queue of batches answers. 0: it does not.",
  batch_shards: "Parts of batches, of some hundred lines each: waiting for a worker, or running at one.",
  batch_lines_left: "Lines of batches that have been checked and have not ended.",
  batch_files: "Files of batches that are kept.",
  batch_file_bytes: "Bytes of these files, unpacked.",
  batch_open_uploads: "Uploads of files that have not ended.",
  batch_uploaded_bytes: "Bytes of files that arrived.",
  batch_downloaded_bytes: "Bytes of files that were fetched.",
  shadow_requests:
    "Answered requests that were sampled for a second model, by what came of it: compared, failed with an error code, or dropped at a limit.",
  shadow_overlap: "The part of the first documents (top_n, or 10) that both models have among theirs.",
  shadow_kendall_tau: "Kendall's tau-b of both models' orders: 1 the same, -1 turned round.",
  shadow_latency_seconds:
    "Seconds from the question to the ranking of requests that both models computed, by whose it is: served or shadow.",
  shadow_cost: "US dollars of compared requests, as far as they are known, by whose they are: served or shadow.",
} as const;

export type MetricName = keyof typeof metricNames;

export const prefix = "dheera_ai_";
