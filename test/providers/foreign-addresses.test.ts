import { azureAi } from "@dheera-ai/azure";
import { bedrock } from "@dheera-ai/bedrock";
import type { Provider, Target } from "@dheera-ai/core";
import { testTarget } from "@dheera-ai/core/testing";
import { huggingface } from "@dheera-ai/huggingface";
import { llm } from "@dheera-ai/llm";
import { rowProviders } from "@dheera-ai/providers";
import { volcengine } from "@dheera-ai/volcengine";
import { expect, it } from "vitest";

const secret = "secret-of-the-environment";
/** Every variable that can be a credential is set, whatever its name. */
const environment = new Proxy<Record<string, string | undefined>>(
  {},
  { get: (_, name) => (/KEY|TOKEN|SECRET|PASSWORD|_AK$|_SK$/.test(String(name)) ? secret : undefined) },
);

const providers: readonly Provider[] = [
  ...rowProviders({ environment }),
  azureAi({ environment }),
  bedrock({ environment }),
  huggingface({ environment }),
  llm({ environment }),
  volcengine({ environment }),
];

it("sends no credential of the environment to an address that a deployment alone names", async () => {
  const senders = new Set<string>();
  const leaking = new Set<string>();
  for (const provider of providers) {
    const send: Target["http"]["request"] = (url, request) => {
      senders.add(provider.name);
      const sent = JSON.stringify([url, [...new Headers(request?.headers)], String(request?.body)]);
      if (sent.includes(secret)) leaking.add(provider.name);
      return Promise.reject(new Error("not sent"));
    };
    const target = testTarget({ model: "m", apiBase: "https://stranger.example", http: { json: send, request: send } });
    try {
      const { signal } = new AbortController();
      await provider
        .connect(target)
        .score({ query: "q", documents: ["a", "b"], params: {}, providerOptions: {}, signal });
    } catch (error) {
      expect(String(error)).not.toContain(secret);
    }
  }
  expect([...leaking]).toEqual([]);
  // Those that refuse to send show nothing.
  expect(senders.size).toBeGreaterThan(30);
});
