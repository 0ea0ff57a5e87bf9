import { expect, it } from "vitest";

import { readPytestReport } from "./pytest-report.ts";

it("reads what passed, what failed with pytest's text, and what was skipped", () => {
  const text = "assert 1 == 2 &amp; &quot;".repeat(2_000);
  const cases =
    readPytestReport(`<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest">
    <testcase classname="tests.test_a" name="test_x[1 &lt; 2]" time="0.1"/>
    <testcase classname="tests.test_a" name="test_y"><failure message="short">${text}</failure></testcase>
    <testcase classname="tests.test_a" name="test_y"><error message="failed on teardown">late</error></testcase>
    <testcase classname="tests.test_a" name="test_z"><skipped type="pytest.skip" message="no numpy">where</skipped></testcase>
    </testsuite></testsuites>`);
  expect(cases).toEqual([
    { name: "tests.test_a test_x[1 < 2]" },
    { name: "tests.test_a test_y", failure: 'assert 1 == 2 & "'.repeat(2_000) },
    { name: "tests.test_a test_y", failure: "late" },
    { name: "tests.test_a test_z", skipped: "where" },
  ]);
});
