import { buildLibrary } from "../../build-library.ts";

export default buildLibrary({ index: "src/index.ts" });
