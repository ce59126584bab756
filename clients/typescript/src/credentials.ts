import { readFileSync } from "node:fs";
import { BlockList, isIP } from "node:net";

import { credentials, type ChannelCredentials } from "@grpc/grpc-js";

/** The caller's token, or a function that is asked for it at each call. */
export type Token = string | (() => string | Promise<string>);

/** PEM files: the authority to trust, and for mutual TLS a certificate and its key. */
export interface TlsFiles {
  /** Without it Node's own list of public authorities is trusted. */
  authority?: string;
  certificate?: string;
  privateKey?: string;
}

/** Reads the files into credentials; none of TLS where there are no files. */
export function channelCredentials(files: TlsFiles | undefined): ChannelCredentials {
  if (files === undefined) {
    return credentials.createInsecure();
  }
  if ((files.certificate === undefined) !== (files.privateKey === undefined)) {
    throw new TypeError("certificate and privateKey belong together: give both");
  }
  return credentials.createSsl(read(files.authority), read(files.privateKey), read(files.certificate));
}

function read(file: string | undefined): Buffer | null {
  return file === undefined ? null : readFileSync(file);
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

/** Tells whether what is sent to the target never reaches a network. */
export function staysOnThisMachine(target: string): boolean {
  if (target.startsWith("unix:")) {
    return true;
  }
  const address = target.replace(/^(dns|ipv4|ipv6):(\/\/\/?)?/, "");
  const host = address.replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
  const family = isIP(host);
  return host === "localhost" || (family !== 0 && LOOPBACK.check(host, family === 4 ? "ipv4" : "ipv6"));
}
