import { testParents } from "../../packages/local/src/process/testing/test-parents.ts";
import { bunBinary } from "../support/bun-binary.ts";

testParents(bunBinary(), ["--conditions", "source"]);
