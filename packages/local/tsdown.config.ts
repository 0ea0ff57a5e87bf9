import { buildLibrary } from "../../build-library.ts";

export default buildLibrary({
  index: "src/index.ts",
  hub: "src/hub/index.ts",
  tuning: "src/tuning/index.ts",
  child: "src/child/main.ts",
});
