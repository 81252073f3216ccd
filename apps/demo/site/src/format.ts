// Figures as people read them.
import type { WireName } from "../../src/page/protocol.js";

const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

export const count = (value: number): string => whole.format(value);

/** A number of few digits, for places that are narrow. */
export function short(value: number): string {
  if (value < 10_000) return whole.format(value);
  if (value < 1_000_000) return `${(value / 1000).toFixed(value < 100_000 ? 1 : 0)}k`;
  return `${(value / 1_000_000).toFixed(1)}M`;
}

export function ms(value: number): string {
  if (value <= 0) return "–";
  if (value < 10) return `${value.toFixed(1)} ms`;
  return value < 10_000 ? `${whole.format(value)} ms` : `${(value / 1000).toFixed(1)} s`;
}

export const seconds = (valueMs: number): string => `${(valueMs / 1000).toFixed(2)} s`;

export const wireTitles: Readonly<Record<WireName, string>> = { binary: "Binary (legacy)", http2: "HTTP/2" };

export const clockTime = (at: number): string => new Date(at).toLocaleTimeString("en-GB");
