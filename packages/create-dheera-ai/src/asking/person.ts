import { cancel, intro, isCancel, log, multiselect, select, text } from "@clack/prompts";

import type { Part, Template } from "../choices.ts";
import { Stopped, UsageError } from "../errors.ts";
import { factsOfModel } from "../templates/model.ts";
import { someOf } from "./some-of.ts";

/** Somebody at a terminal. Each question throws `Stopped` where it is answered with ctrl-c or escape. */
export interface Person {
  readonly say: (words: string) => void;
  readonly askTemplate: () => Promise<Template>;
  readonly askFolder: (otherwise: string) => Promise<string>;
  readonly askAboutFull: (folder: string, entries: readonly string[]) => Promise<"other" | "write">;
  readonly agreeToReplace: (files: readonly string[]) => Promise<void>;
  readonly askModel: () => Promise<string>;
  readonly askParts: () => Promise<readonly Part[]>;
}

export function meetPerson(): Person {
  intro("Dheera AI: one rerank API over every reranker");
  return {
    say: (words) => log.warn(words),
    askTemplate: () =>
      answerOf(
        select<Template>({
          message: "What do you want to start?",
          options: [
            { value: "proxy", label: "A proxy", hint: "serves rerankers over HTTP" },
            { value: "library", label: "A TypeScript program", hint: "reranks in its own process" },
            { value: "provider", label: "A provider package", hint: "teaches Dheera AI another rerank service" },
          ],
        }),
      ),
    askFolder: (otherwise) =>
      answerOf(text({ message: 'In which folder? "." is this one', placeholder: otherwise, defaultValue: otherwise })),
    askAboutFull: (folder, entries) =>
      answerOf(
        select<"other" | "write">({
          message: `${folder === "." ? "This folder" : folder} is not empty: ${someOf(entries)}`,
          options: [
            { value: "other", label: "Take another folder" },
            { value: "write", label: "Write into it" },
          ],
        }),
      ),
    async agreeToReplace(files) {
      const message = `These files are replaced: ${files.join(", ")}`;
      const options = [
        { value: false, label: "Stop, and leave them" },
        { value: true, label: "Replace them" },
      ];
      if (!(await answerOf(select<boolean>({ message, options })))) throw stopped();
    },
    askModel,
    askParts: () =>
      answerOf(
        multiselect<Part>({
          message: "What stands beside it?",
          options: [
            { value: "docker", label: "Docker", hint: "a Dockerfile and a compose file" },
            { value: "redis", label: "Redis", hint: "several proxies share scores and limits" },
            { value: "teams", label: "Teams", hint: "keys, teams and budgets in a database" },
          ],
          initialValues: ["docker"],
          required: false,
        }),
      ),
  };
}

async function askModel(): Promise<string> {
  const model = await answerOf(
    select<string>({
      message: "Which model to begin with?",
      options: [
        { value: "bm25/default", label: "BM25", hint: "compares words; no account, no network" },
        { value: minilm, label: "MiniLM on this machine", hint: "neural; downloaded once, no account" },
        { value: "huggingface/BAAI/bge-reranker-base", label: "BGE at Hugging Face", hint: "wants HF_TOKEN" },
        { value: "cohere/rerank-v5.0-pro", label: "Cohere", hint: "wants COHERE_API_KEY" },
        { value: other, label: "Another one" },
      ],
    }),
  );
  if (model !== other) return model;
  return answerOf(
    text({
      message: "Its name, as <provider>/<model>",
      placeholder: "jina_ai/jina-reranker-v3.5",
      validate: whyNoModel,
    }),
  );
}

const minilm = "local/cross-encoder/ms-marco-MiniLM-L6-v2";
const other = "other";

function whyNoModel(model: string | undefined): string | undefined {
  try {
    factsOfModel(model ?? "");
    return undefined;
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}

async function answerOf<T>(question: Promise<T>): Promise<Exclude<T, symbol>> {
  const answer = await question;
  if (!isAnswer(answer)) throw stopped();
  return answer;
}

function isAnswer<T>(answer: T): answer is Exclude<T, symbol> {
  return !isCancel(answer);
}

function stopped(): Stopped {
  cancel("Stopped. Nothing was written.");
  return new Stopped("");
}
