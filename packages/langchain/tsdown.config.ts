import { buildLibrary } from "../../build-library.ts";

export default buildLibrary(["src/index.ts"]);
