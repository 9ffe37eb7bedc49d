/**
 * Everything that the set-up takes from elsewhere, with the hash that it must have.
 *
 * @module
 */

/** The version of Deno that compiles; `deno compile` insists on a denort of the same version. */
export const DENO_VERSION = "2.8.3";

/** A package of the npm registry, known by its content. */
export interface NpmPin {
  /** Name in the registry. */
  readonly name: string;
  /** Exact version. */
  readonly version: string;
  /** Subresource integrity of the tarball, `sha512-…`, as the registry states it. */
  readonly integrity: string;
}

/** Holds cliffy and most of std as plain modules with their types. */
export const CLIFFY_TARBALL: NpmPin = {
  name: "windmill-cli",
  version: "1.596.0",
  integrity:
    "sha512-5aFVNTOEaGyTKyQlyjFI1FAZ8fTIQ2vGSmnqL3FfZuKpKWdqGXh8p9Azdp8N2MkIwyP1vYtOK9nfQk6jr6tRTw==",
};

/** Holds `@std/assert` as plain modules, without types. */
export const ASSERT_TARBALL: NpmPin = {
  name: "deno-std",
  version: "1.4.0",
  integrity:
    "sha512-7c0Y6tyn0Sx0NKiaAeGtDwrpG+C7VFcOStVcYXPnjAuIEonxzVV+n6s8iuFjg6keqzxo/zrPbR/J9EY9BLNsRA==",
};

/** Holds an executable compiled by {@linkcode DENO_VERSION}, out of which denort can be cut. */
export const DENORT_CARRIER: NpmPin & { readonly path: string } = {
  name: "@spectacular-voyage/kato-linux-x64-gnu",
  version: "0.2.15",
  integrity:
    "sha512-VNYcSOs88h4K72tVB76ceavRCb1MqLKw0vut3KpXBZe6l+ZUbKoDw6b3m/mKMdrCo9kW31RBPF7PLawaistuiw==",
  path: "package/bin/kato",
};

/** The denort recovered from {@linkcode DENORT_CARRIER}: never compared with the official one. */
export const RECOVERED_DENORT = {
  target: "x86_64-unknown-linux-gnu",
  size: 88_502_928,
  sha256: "ccedd33bd4ed6c2ebaa791c2f10199bc355f9552a048d76e0c847249a86150cc",
} as const;

/** sha256 of the zip that Deno downloads, for the targets where a public pin is known. */
export const OFFICIAL_DENORT_ZIP: Readonly<Record<string, string>> = {
  "x86_64-unknown-linux-gnu": "214d0a4010c9c44326a82ea7fc3785c189a43cd83567d91aaa4dce3964759954",
};

/** The version of esbuild that {@linkcode DENO_VERSION} bundles with. */
export const ESBUILD_VERSION = "0.25.5";

/** Integrity of the npm tarball of esbuild for each platform that can build. */
export const ESBUILD: Readonly<Record<string, string>> = {
  "linux-x64":
    "sha512-uhj8N2obKTE6pSZ+aMUbqq+1nXxNjZIIjCjGLfsWvVpy7gKCOL6rsY1MhRh9zLtUtAI7vpgLMK6DxjO8Qm9lJw==",
  "linux-arm64":
    "sha512-Z9kfb1v6ZlGbWj8EJk9T6czVEjjq2ntSYLY2cw6pAZl4oKtfgQuS4HOq41M/BcoLPzrUbNd+R4BXFyH//nHxVg==",
  "darwin-x64":
    "sha512-1iT4FVL0dJ76/q1wd7XDsXrSW+oLoquptvh4CLR4kITDtqi2e/xwXwdCVH8hVHU43wgJdsq7Gxuzcs6Iq/7bxQ==",
  "darwin-arm64":
    "sha512-GtaBgammVvdF7aPIgH2jxMDdivezgFu6iKpmT+48+F8Hhg5J/sfnDieg0aeG/jfSvkYQU2/pceFPDKlqZzwnfQ==",
};

/** The reference: Debian's runit, unpacked and never installed. */
export const REFERENCE_DEB = {
  package: "runit",
  version: "2.1.2-54",
  architecture: "amd64",
  sha256: "2c9a52e80d104c99d68124ea0145056fe2d8a0a2f78deca9312b50075e228e65",
} as const;
