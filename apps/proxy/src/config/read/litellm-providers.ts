const chatModels = "chat and embedding models";

/**
 * What LiteLLM (1.110) has prefixes for that rerank nothing there: all but those of its rerank providers. The text says
 * what they are, for a person who reads why an entry is left out.
 */
const otherProviders: readonly { readonly are: string; readonly prefixes: string }[] = [
  {
    are: chatModels,
    prefixes: `abliteration ai21 ai21_chat aiand aihubmix aiohttp_openai amazon_nova anthropic anthropic_text anyscale
      apertis azure azure_text baseten bedrock_mantle bespoke bigmodel bytez cerebras charity_engine chatgpt chutes
      clarifai clf_ai_gateway codestral cognition cohere_chat cometapi compactifai coralbricks cortecs crusoe custom
      custom_openai darkbloom databricks datarobot deepseek docker_model_runner edenai empiriolabs empower eu_jev
      featherless_ai friendliai galadriel gdc gemini gigachat github github_copilot gmi gradient_ai groq helicone heroku
      hostinger_router hyperbolic inception inferenceapis kyma lambda_ai laya lemonade libertai llamafile llamagate
      lm_studio maritalk meta meta_llama microsoft_365_copilot minimax mistral modelscope moonshot morph nace nadir
      nano-gpt nanogpt nebius neosantara nlp_cloud nscale oci ollama ollama_chat oobabooga openai openai_like opencode_go
      openinfer ovhcloud parasail perplexity petals pinstripes poe predibase prism publicai ragflow refuseless reka
      replicate sagemaker sagemaker_chat sagemaker_nova sail sambanova sap sarvam scaledown scx-ai snowflake
      strands_decider streamlake synthetic tencent tensormesh text-completion-codestral text-completion-inception
      text-completion-openai triton typesafe v0 venice veniceai vercel_ai_gateway vertex_ai_beta vllm wally wandb
      watsonx_text xai xiaomi_mimo zai zerogpu`,
  },
  { are: "models of images and videos", prefixes: "aiml black_forest_labs fal_ai recraft runwayml stability topaz" },
  {
    are: "models of speech",
    prefixes: "assemblyai aws_polly azure_speech deepgram elevenlabs nvidia_riva soniox transcribe",
  },
  {
    are: "searches, stores and tools, and not models",
    prefixes: `agentcore apiserpent aws_textract bing_grounding brave dataforseo duckduckgo e2b exa_ai fastcrw firecrawl
      google_pse linkup milvus mongodb nimble opensandbox opensearch parallel_ai pg_vector reducto s3_vectors searchapi
      searxng serper tavily tinyfish valkey you_com`,
  },
  {
    are: "agents and prompts, and not models",
    prefixes: `a2a a2a_agent auto_router cursor databricks_agent dotprompt humanloop langflow langfuse langgraph
      litellm_agent manus pydantic_ai_agents`,
  },
];

/** What the models of a prefix of LiteLLM are that has no rerankers there. */
export const otherPurposes: ReadonlyMap<string, string> = new Map(
  otherProviders.flatMap(({ are, prefixes }) => wordsOf(prefixes).map((prefix) => [prefix, are] as const)),
);

const ownServer =
  "serve the model with vLLM, Text Embeddings Inference, Infinity or llama.cpp, and name it hosted_vllm/…, huggingface/… or infinity/… with the server's api_base";
const chatRanks = "a chat model itself ranks as llm/… with the api_base of its OpenAI-compatible server";
const anotherProvider = `choose a reranker of another provider, or ${ownServer}; ${chatRanks}`;

const remedies: readonly { readonly remedy: string; readonly prefixes: string }[] = [
  { remedy: `${ownServer}; ${chatRanks}`, prefixes: "ollama ollama_chat lm_studio" },
  { remedy: `rerankers on Azure are azure_ai/…; ${chatRanks}`, prefixes: "azure azure_text azure_speech" },
  { remedy: "rerankers on Bedrock are bedrock/…", prefixes: "bedrock_mantle sagemaker sagemaker_chat sagemaker_nova" },
  { remedy: "rerankers of Cohere are cohere/…", prefixes: "cohere_chat" },
  { remedy: "rerankers of Google are vertex_ai/…", prefixes: "gemini vertex_ai_beta" },
  { remedy: "rerankers of IBM are watsonx/…", prefixes: "watsonx_text" },
  { remedy: "rerankers of NVIDIA are nvidia_nim/…", prefixes: "nvidia_riva" },
  {
    remedy: anotherProvider,
    prefixes: `anthropic anthropic_text chatgpt databricks deepseek github_copilot groq mistral moonshot perplexity
      snowflake xai`,
  },
];

/** Providers of which is known that nothing of theirs reranks, and what to do in place of them. */
export const withoutRerankApi: ReadonlyMap<string, string> = new Map([
  ...[...otherPurposes].flatMap(([prefix, are]) => (are === chatModels ? [] : [[prefix, anotherProvider] as const])),
  ...remedies.flatMap(({ remedy, prefixes }) => wordsOf(prefixes).map((prefix) => [prefix, remedy] as const)),
]);

/** Providers whose catalogues hold chat models above all, beside their rerankers. */
export const mixedCatalogues: ReadonlySet<string> = new Set([
  "bedrock",
  "cloudflare",
  "dashscope",
  "deepinfra",
  "fireworks_ai",
  "novita",
  "nvidia_nim",
  "openrouter",
  "qwencloud",
  "qwen_ai_platform",
  "scaleway",
  "together_ai",
  "vertex_ai",
  "volcengine",
  "watsonx",
  "xinference",
]);

const rerankers: ReadonlySet<string> = new Set([
  "azure_ai",
  "cohere",
  "hosted_vllm",
  "huggingface",
  "infinity",
  "jina_ai",
  "litellm_proxy",
  "voyage",
]);

/** Whether LiteLLM has a provider with this prefix. */
export function isOfLitellm(prefix: string): boolean {
  return rerankers.has(prefix) || mixedCatalogues.has(prefix) || otherPurposes.has(prefix);
}

/** Part of the name of each reranker that LiteLLM knows, and of no other model. */
const namesOfRerankers = /rank|colbert|cross-?encoder|ms-?marco/i;

/** Families of models that answer, embed, speak or draw. */
const namesOfOthers =
  /embed|instruct|chat|gpt-|claude|gemini|gemma|command-|llama-?[234]|mi[sx]tral|deepseek|grok|phi-|whisper|tts-|dall-e|flux|voyage-\d/i;

/** What the name of a model says of it, as far as it says anything. */
export function kindByName(model: string): "reranker" | "other" | undefined {
  if (namesOfRerankers.test(model)) return "reranker";
  return namesOfOthers.test(model) ? "other" : undefined;
}

function wordsOf(text: string): readonly string[] {
  return text.split(/\s+/);
}
