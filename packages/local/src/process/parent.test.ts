import { testParents } from "./testing/test-parents.ts";

testParents(process.execPath, ["-C", "source"]);
