import { buildLibrary } from "../../build-library.ts";
import { freezePageAssets } from "../../freeze-page-assets.ts";

export default buildLibrary(["src/index.ts"], { plugins: [freezePageAssets()] });
