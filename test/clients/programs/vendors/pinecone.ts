import { Errors, Pinecone } from "@pinecone-database/pinecone";

import type { ClientUnderTest } from "../../client-under-test.ts";

export const client: ClientUnderTest = {
  package: "@pinecone-database/pinecone",
  call: "Pinecone.inference.rerank",
  base: "/pinecone",
  async rank({ url, key, model, query, documents, topN }) {
    const { inference } = new Pinecone({ apiKey: key, controllerHostUrl: `${url}${this.base}`, maxRetries: 0 });
    const { data } = await inference.rerank({ model, query, documents: [...documents], topN });
    return {
      ranking: data.map(({ index, score }) => ({ index, score })),
      documents: data.map(({ document }) => document?.["text"]),
    };
  },
  failureOf(error) {
    // Its errors have no field for the status: their classes say it.
    if (error instanceof Errors.PineconeAuthorizationError) return { status: 401, message: error.message };
    if (error instanceof Errors.PineconeUnprocessableEntityError) return { status: 422, message: error.message };
    if (error instanceof Errors.PineconeUnmappedHttpError)
      return { status: Number(/Status: (\d+)/.exec(error.message)?.[1]), message: error.message };
    return undefined;
  },
};
