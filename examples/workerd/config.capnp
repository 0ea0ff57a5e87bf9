# pnpm build && workerd serve config.capnp
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "internet", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:4000", http = (), service = "main")],
);

const worker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "dist/worker.js")],
  # From 2026-08-04 on the modules of Node.js are there; before, ask for them with the flag nodejs_compat.
  compatibilityDate = "2026-11-01",
  durableObjectNamespaces = [(className = "DheeraProxy", uniqueKey = "dheera-ai-proxy", preventEviction = true)],
  durableObjectStorage = (inMemory = void),
  bindings = [
    (name = "PROXY", durableObjectNamespace = "DheeraProxy"),
    (name = "CONFIG", text = embed "config.yaml"),
    (name = "DHEERA_AI_MASTER_KEY", fromEnvironment = "DHEERA_AI_MASTER_KEY"),
    (name = "HF_TOKEN", fromEnvironment = "HF_TOKEN"),
  ],
);
