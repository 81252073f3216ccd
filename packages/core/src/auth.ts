/** Authentication by client certificate, as Node's TLS takes it: PEM, or a `.p12` that holds both. */
export type CertificateAuth = {
  readonly type: "certificate";
  /** What `key` or `pfx` is encrypted with. */
  readonly passphrase?: string;
} & (
  | { readonly cert: string | Uint8Array; readonly key: string | Uint8Array; readonly pfx?: undefined }
  | { readonly pfx: Uint8Array; readonly cert?: undefined; readonly key?: undefined }
);
