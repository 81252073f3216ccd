import type { RunSettings } from "../../../src/page/protocol.js";
import { pageId } from "../state/page-id.js";
import { request } from "../state/server.js";
import { change, defaultSettings, settings } from "../state/settings.js";
import { isBusy, link, ownPercent, run } from "../state/store.js";
import { Field } from "./field.js";
import { NumberField } from "./number-field.js";

/** The settings of the next run, and its buttons. */
export function Controls() {
  return (
    <form
      class="card controls"
      aria-label="The run"
      onSubmit={(event) => {
        event.preventDefault();
        void request({ type: "start", settings: { ...settings.value, kind: "race" } });
      }}
    >
      <div class="fields">
        <Whole name="count" label="Notifications" min={1} max={1_000_000} step={1000} />
        <Whole name="perSecond" label="Per second (0: max)" min={0} max={1_000_000} step={500} />
        <NumberField
          label="Bad tokens, %"
          min={0}
          max={100}
          step={0.1}
          value={settings.value.badPercent}
          onChange={(badPercent) => change({ badPercent })}
        />
        <NumberField
          label="Removed apps, %"
          min={0}
          max={100}
          step={0.1}
          value={settings.value.unregisteredPercent}
          onChange={(unregisteredPercent) => change({ unregisteredPercent })}
        />
        <Whole name="delayMs" label="Round trip, ms" min={0} max={2000} step={5} />
        <Whole name="payloadBytes" label="Payload, bytes" min={100} max={2048} step={50} />
      </div>
      <details class="more">
        <summary>More, wire by wire</summary>
        <div class="fields">
          <Whole
            name="connections"
            label="Connections, each wire"
            hint="At most, at a time"
            min={1}
            max={16}
            step={1}
          />
          <Whole
            name="reconnectEvery"
            label="Binary: barrier every"
            hint="So many notifications, then proof and a new connection"
            min={1}
            max={1_000_000}
            step={1000}
          />
          <Whole
            name="window"
            label="Binary: window"
            hint="How many may wait for an outcome"
            min={1}
            max={200_000}
            step={1000}
          />
          <Field label="Binary: format" hint="0 has no expiry, and no number that an error could name">
            {(id, hintId) => (
              <select
                id={id}
                aria-describedby={hintId}
                value={settings.value.format}
                onChange={({ currentTarget }) =>
                  change({ format: Number(currentTarget.value) as RunSettings["format"] })
                }
              >
                <option value={0}>0, simple</option>
                <option value={1}>1, enhanced</option>
                <option value={2}>2, framed</option>
              </select>
            )}
          </Field>
          <Whole
            name="streams"
            label="HTTP/2: streams"
            hint="Notifications under way, over all connections"
            min={1}
            max={16_000}
            step={100}
          />
          <Whole
            name="seed"
            label="Seed"
            hint="The same one draws the same bad tokens"
            min={0}
            max={0xffff_ffff}
            step={1}
          />
        </div>
        <div class="checks">
          <label class="check">
            <input
              type="checkbox"
              checked={settings.value.inTurn}
              onChange={({ currentTarget }) => change({ inTurn: currentTarget.checked })}
            />
            <span>One wire after the other, for speed undisturbed</span>
          </label>
          <button type="button" class="button quiet" onClick={() => change(defaultSettings)}>
            Back to the defaults
          </button>
        </div>
      </details>
      <RunButtons />
    </form>
  );
}

function Whole(props: {
  readonly name:
    | "count"
    | "perSecond"
    | "delayMs"
    | "payloadBytes"
    | "connections"
    | "reconnectEvery"
    | "window"
    | "streams"
    | "seed";
  readonly label: string;
  readonly hint?: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
}) {
  const { name, ...rest } = props;
  return (
    <NumberField {...rest} value={settings.value[name]} onChange={(value) => change({ [name]: Math.round(value) })} />
  );
}

function RunButtons() {
  const state = run.value?.state;
  const isPaused = state === "paused";
  return (
    <div class="run-buttons">
      <button type="submit" class="button primary" disabled={isBusy.value || link.value !== "open"}>
        Start
      </button>
      <button
        type="button"
        class="button"
        disabled={state !== "running" && !isPaused}
        onClick={() => void request({ type: isPaused ? "resume" : "pause" })}
      >
        {isPaused ? "Go on" : "Pause"}
      </button>
      <button
        type="button"
        class="button"
        disabled={!isBusy.value || state === "stopping"}
        onClick={() => void request({ type: "stop" })}
      >
        Stop
      </button>
      <p class="run-state" role="status">
        {statusText()}
      </p>
    </div>
  );
}

function statusText(): string {
  if (link.value === "lost") return "No connection to the demo. Does it still run in its terminal?";
  const now = run.value;
  if (now === null) return "";
  if (now.owner !== pageId.value) return `Another page's run: ${now.percent} %`;
  return now.state === "starting" ? "Starting …" : `Your run: ${ownPercent.value ?? now.percent} %`;
}
