import * as fc from "fast-check";
import stringWidth from "string-width";
import { describe, expect, it } from "vitest";

import { fit, padEnd, padStart } from "./fit.ts";

describe("fit", () => {
  it("leaves short lines as they are", () => {
    expect(fit("Paris", 5)).toBe("Paris");
  });

  it("cuts by columns, not by characters", () => {
    expect(fit("日本語の文書", 7)).toBe("日本語…");
    expect(fit("abcdef", 4)).toBe("abc…");
  });

  it("never cuts a family emoji in pieces", () => {
    expect(fit("👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦", 5)).toBe("👨‍👩‍👧‍👦👨‍👩‍👧‍👦…");
  });

  it("removes what would control the terminal", () => {
    expect(fit("a\u001B[2Jb\r\n\tc\u0007\u202Ed", 80)).toBe("ab cd");
  });

  it("never exceeds the width nor holds a control character, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.integer({ min: 1, max: 40 }), (text, width) => {
        const line = fit(text, width);
        expect(stringWidth(line)).toBeLessThanOrEqual(width);
        expect(line).not.toMatch(/\p{Cc}/u);
      }),
    );
  });
});

describe("padding", () => {
  it("counts the columns that wide characters take", () => {
    expect(padEnd("日本", 6)).toBe("日本  ");
    expect(padStart("日本", 6)).toBe("  日本");
    expect(padEnd("too long", 3)).toBe("too long");
  });
});
