/** Gateways that no registry had on 2026-11-28, or that rank nothing, with the reason. Looked up in npm, PyPI, crates.io, Go's proxy, Maven Central and Debian. */
export const notToBeHad: readonly { readonly name: string; readonly reason: string }[] = [
  {
    name: "agentgateway, Envoy AI Gateway, Higress",
    reason: "Go's proxy has no version of them, and the packages of such names on PyPI and npm are others",
  },
  {
    name: "Bifrost",
    reason: "its package on npm (1.6.3) fetches its program from elsewhere, and Go's proxy has no version of it",
  },
  {
    name: "one-api, new-api, Olla, AI Proxy",
    reason: "Go's proxy has no version of them",
  },
  {
    name: "litellm-rs",
    reason:
      "crates.io has its source (0.6.0), which can rank with Cohere and Jina; of its 600 crates a quarter was built when ten minutes were over",
  },
  {
    name: "Helicone's AI gateway",
    reason: "npm and PyPI have clients of its service, and no gateway",
  },
  {
    name: "TensorZero",
    reason: "PyPI has its client (2026.6.0), which has no reranking",
  },
  {
    name: "SGLang's router",
    reason: "its last version on PyPI (0.3.2) is the predecessor of Shepherd Model Gateway, which is measured",
  },
  {
    name: "GPUStack, Xinference, Infinity",
    reason: "they load models themselves, and stand before no server that another program has started",
  },
];
