import type { UpstreamHeaders } from "./upstream-headers.ts";

/**
 * An upstream's whole answer behind the interface of `Response`. The members that providers use in every call are
 * plain; the others make a real `Response`.
 */
export class UpstreamResponse implements Response {
  readonly status: number;
  readonly statusText: string;
  readonly headers: UpstreamHeaders;
  readonly url: string;
  readonly redirected = false;
  readonly type = "default";
  /** There is no stream, because the whole body has arrived. ofetch reads `_bodyInit` where `body` is null. */
  readonly body = null;
  readonly bodyUsed = false;
  readonly _bodyInit: Buffer;

  constructor(url: string, status: number, statusText: string, headers: UpstreamHeaders, body: Buffer) {
    this.url = url;
    this.status = status;
    this.statusText = statusText;
    this.headers = headers;
    this._bodyInit = body;
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }
  async text(): Promise<string> {
    return this._bodyInit.toString("utf8");
  }
  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }
  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(this._bodyInit);
  }
  arrayBuffer(): Promise<ArrayBuffer> {
    return this.clone().arrayBuffer();
  }
  blob(): Promise<Blob> {
    return this.clone().blob();
  }
  formData(): Promise<FormData> {
    return this.clone().formData();
  }
  clone(): Response {
    return new Response(new Uint8Array(this._bodyInit), {
      status: this.status,
      statusText: this.statusText,
      headers: this.headers.fields,
    });
  }
}
