/** The ports of the simulator, and the credentials that it accepts. */
export interface SimulatorPorts {
  readonly http2: number;
  readonly gateway: number;
  readonly signingKey: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** What the simulator's process answers. */
export type SimulatorCalls = {
  start(): Promise<SimulatorPorts>;
  figures(): SimulatorFigures;
};

/** What the simulator's process has done and used since its start. */
export interface SimulatorFigures {
  /** Accepted over HTTP/2. */
  readonly http2: number;
  /** Accepted over the legacy wire. */
  readonly binary: number;
  readonly rejected: number;
  readonly cpuSeconds: number;
  readonly peakRssMiB: number;
}
