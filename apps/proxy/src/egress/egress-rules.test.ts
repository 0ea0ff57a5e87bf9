import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { kindOfAddress } from "./address-kinds.ts";
import { checkAddress, checkResolved, hostOf } from "./check-address.ts";
import { egressRules } from "./egress-rules.ts";

const nothingOwn = egressRules();
const everythingOwn = egressRules(["0.0.0.0/0", "::/0"]);

describe("kindOfAddress", () => {
  it.each([
    ["8.8.8.8", "public"],
    ["2606:4700::1111", "public"],
    ["::ffff:8.8.8.8", "public"],
    ["64:ff9b::808:808", "public"],
    ["10.1.2.3", "private"],
    ["172.31.255.255", "private"],
    ["192.168.0.1", "private"],
    ["100.64.0.1", "private"],
    ["fd12:3456::1", "private"],
    ["64:ff9b::a00:1", "private"],
    ["127.255.0.1", "loopback"],
    ["::1", "loopback"],
    ["::ffff:7f00:1", "loopback"],
    ["64:ff9b::7f00:1", "loopback"],
    // Link-local, and what gives away credentials.
    ["169.254.169.254", "special"],
    ["169.254.170.2", "special"],
    ["::ffff:a9fe:a9fe", "special"],
    ["64:ff9b::a9fe:a9fe", "special"],
    ["fe80::1", "special"],
    ["fe80::1%eth0", "special"],
    ["fd00:ec2::254", "special"],
    ["fd00:0ec2:0:0::0254", "special"],
    ["fd20:ce::254", "special"],
    ["100.100.100.200", "special"],
    ["::ffff:100.100.100.200", "special"],
    ["168.63.129.16", "special"],
    ["192.0.0.192", "special"],
    // Tunnels to IPv4 addresses, and what no service has.
    ["2002:7f00:1::", "special"],
    ["2001:0:7f00:1::", "special"],
    ["64:ff9b:1::7f00:1", "special"],
    ["::ffff:0:7f00:1", "special"],
    ["::7f00:1", "special"],
    ["::127.0.0.1", "special"],
    ["::8.8.8.8", "special"],
    ["::", "special"],
    ["0.0.0.0", "special"],
    ["0.1.2.3", "special"],
    ["224.0.0.1", "special"],
    ["ff02::1", "special"],
    ["255.255.255.255", "special"],
    ["198.18.0.1", "special"],
    ["2001:db8::1", "special"],
    ["fec0::1", "special"],
    ["4000::1", "special"],
    // No addresses, or written so that programs disagree on them.
    ["010.0.0.1", "special"],
    ["0x7f.1", "special"],
    ["2130706433", "special"],
    ["127.1", "special"],
    ["metadata", "special"],
    ["", "special"],
  ])("takes %s for %s", (address, kind) => {
    expect(kindOfAddress(address)).toBe(kind);
  });
});

/** Every way in which a URL may write an IPv4 address. */
const spellings = (bytes: readonly number[]): readonly string[] => {
  const [a = 0, b = 0, c = 0, d = 0] = bytes;
  const whole = ((a * 256 + b) * 256 + c) * 256 + d;
  const hex = (value: number): string => `0x${value.toString(16)}`;
  const octal = (value: number): string => `0${value.toString(8)}`;
  const dotted = bytes.join(".");
  const [high, low] = [(a * 256 + b).toString(16), (c * 256 + d).toString(16)];
  return [
    dotted,
    `${dotted}.`,
    String(whole),
    hex(whole),
    hex(whole).toUpperCase().replace("X", "x"),
    octal(whole),
    bytes.map(hex).join("."),
    bytes.map(octal).join("."),
    `${hex(a)}.${b}.${octal(c)}.${d}`,
    `${a}.${(b * 256 + c) * 256 + d}`,
    `${a}.${b}.${c * 256 + d}`,
    // Full-width digits and dots, and percent escapes.
    [...dotted].map((sign) => (sign === "." ? "。" : String.fromCodePoint(sign.charCodeAt(0) + 0xfee0))).join(""),
    [...dotted].map((sign) => (sign === "." ? sign : `%${sign.charCodeAt(0).toString(16)}`)).join(""),
    `[::ffff:${dotted}]`,
    `[::ffff:${high}:${low}]`,
    `[0:0:0:0:0:FFFF:${high}:${low}]`,
    `[64:ff9b::${high}:${low}]`,
  ];
};

const byte = fc.integer({ min: 0, max: 255 });
const insideAddress = fc.oneof(
  fc.tuple(fc.constant(127), byte, byte, byte),
  fc.tuple(fc.constant(10), byte, byte, byte),
  fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 }), byte, byte),
  fc.tuple(fc.constant(192), fc.constant(168), byte, byte),
  fc.tuple(fc.constant(100), fc.integer({ min: 64, max: 127 }), byte, byte),
  fc.tuple(fc.constant(169), fc.constant(254), byte, byte),
  fc.tuple(fc.constant(0), byte, byte, byte),
  fc.tuple(fc.integer({ min: 224, max: 255 }), byte, byte, byte),
);

describe("checkAddress", () => {
  const refusal = (text: string, rules = nothingOwn): string => {
    try {
      checkAddress(text, rules, "api_base");
      return "";
    } catch (error) {
      return error instanceof Error ? error.message : "";
    }
  };

  it("lets no spelling of an inner address pass", () => {
    fc.assert(
      fc.property(insideAddress, fc.constantFrom("http", "https"), (address, scheme) => {
        for (const host of spellings(address))
          expect([host, refusal(`${scheme}://${host}/v1`)]).toEqual([host, expect.stringMatching(/^api_base /)]);
      }),
    );
  });

  it("never allows link-local addresses and metadata services, whatever is listed", () => {
    const metadata = fc.oneof(
      fc.tuple(fc.constant(169), fc.constant(254), byte, byte),
      fc.constantFrom([100, 100, 100, 200], [168, 63, 129, 16], [192, 0, 0, 192]),
    );
    fc.assert(
      fc.property(metadata, (address) => {
        for (const host of spellings(address))
          expect([host, refusal(`https://${host}`, everythingOwn)]).toEqual([
            host,
            expect.stringContaining("never allowed"),
          ]);
      }),
    );
    for (const host of ["[fe80::1]", "[fd00:ec2::254]", "[FD20:00CE::0254]", "[::]", "0", "0x0"])
      expect(refusal(`https://${host}`, everythingOwn)).toContain("never allowed");
  });

  it("passes exactly those IPv6 addresses over https that the rules pass as addresses", () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const asUrl = refusal(`https://[${address}]/`) === "";
        // A URL has no zones and its own short form.
        expect(asUrl).toBe(nothingOwn.whyRefused(hostOf(new URL(`https://[${address}]`)), "https:") === undefined);
        expect(asUrl).toBe(nothingOwn.whyRefused(address, "https:") === undefined);
      }),
    );
  });

  it.each([
    ["ftp://rerank.example", "must be a URL that begins with https://"],
    ["file:///etc/passwd", "must be a URL that begins with https://"],
    ["rerank.example", "must be a URL that begins with https://"],
    ["https://127.0.0.1@", "must be a URL that begins with https://"],
    ["https://[fe80::1%25eth0]/", "must be a URL that begins with https://"],
    ["https://user:secret@rerank.example", "must hold no user and no password: give them as the key"],
    ["https://rerank.example:0", "must have a port from 1 to 65535"],
    [
      "http://rerank.example",
      "must begin with https:// (http:// is for servers in general_settings.allowed_private_networks, which lists none)",
    ],
    [
      "https://10.0.0.1",
      "names an address that is in a private network: list it in general_settings.allowed_private_networks where it may be asked",
    ],
    [
      "https://127.1",
      "names an address that is this machine's own: list it in general_settings.allowed_private_networks where it may be asked",
    ],
    [`https://rerank.example/${"a".repeat(2_048)}`, "must have at most 2048 characters"],
  ])("refuses %s and says what to do", (text, message) => {
    expect(refusal(text)).toBe(`api_base ${message}`);
  });

  it("quotes no password", () => {
    expect(refusal("https://user:hunter2@10.0.0.1")).not.toContain("hunter2");
  });

  it("lets servers of the listed networks pass, also without TLS, and others on the internet with TLS alone", () => {
    const rules = egressRules(["10.2.0.0/16", "127.0.0.1", "fd12::/16"]);
    for (const url of [
      "http://10.2.3.4:8080",
      "https://10.2.3.4",
      "http://127.0.0.1",
      "http://[fd12::1]",
      "http://[::ffff:10.2.0.1]",
    ])
      expect(refusal(url, rules)).toBe("");
    for (const url of [
      "http://10.3.0.1",
      "http://127.0.0.2",
      "https://192.168.0.1",
      "https://[fd13::1]",
      "http://8.8.8.8",
    ])
      expect(refusal(url, rules)).toMatch(/^api_base names an address that /);
    expect(refusal("https://8.8.8.8", rules)).toBe("");
    expect(refusal("http://tei.internal:8080", rules)).toBe("");
  });
});

describe("checkResolved", () => {
  const check = (url: string, addresses: readonly string[], rules = nothingOwn): Promise<void> =>
    checkResolved(new URL(url), rules, "api_base", async () =>
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    );

  it("says at once that a name means an address that is refused", async () => {
    await expect(check("https://rerank.example", ["8.8.8.8"])).resolves.toBeUndefined();
    await expect(check("https://rerank.example", ["8.8.8.8", "10.0.0.1"])).rejects.toThrow(
      "names a host whose address is in a private network",
    );
    await expect(check("https://rerank.example", ["::ffff:169.254.169.254"], everythingOwn)).rejects.toThrow(
      "never allowed",
    );
    await expect(check("http://rerank.example", ["8.8.8.8"], everythingOwn)).rejects.toThrow("only with https");
  });

  it("leaves a name that is not known yet to the connections", async () => {
    const failing = checkResolved(new URL("https://new.example"), nothingOwn, "api_base", () =>
      Promise.reject(new Error("ENOTFOUND")),
    );
    await expect(failing).resolves.toBeUndefined();
  });
});
