import { type Signal, useSignal } from "@preact/signals";
import type { ComposeRequest, ComposeResult } from "../../../src/page/protocol.js";
import { ask } from "../state/server.js";
import { addNotice, link, phones } from "../state/store.js";
import { Bytes } from "./bytes.js";
import { Field } from "./field.js";

const first: ComposeRequest = {
  phone: 0,
  wire: "http2",
  kind: "alert",
  title: "Hello",
  body: "Can you hear me?",
  badge: 1,
  sound: true,
  threadId: "",
  collapseId: "",
  priority: 10,
  once: false,
  format: 2,
  event: "start",
  percent: 40,
};

/** One notification to one phone, and the bytes that went over the wire. */
export function Compose() {
  const draft = useSignal(first);
  const result = useSignal<ComposeResult | null>(null);
  const isSending = useSignal(false);
  const send = async (): Promise<void> => {
    isSending.value = true;
    try {
      result.value = (await ask({ type: "compose", compose: draft.value })) ?? null;
    } catch (error) {
      addNotice("problem", (error as Error).message);
    } finally {
      isSending.value = false;
    }
  };
  return (
    <div class="compose">
      <form
        class="card controls"
        aria-label="One notification"
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <Fields draft={draft} />
        <div class="run-buttons">
          <button
            type="submit"
            class="button primary"
            disabled={isSending.value || link.value !== "open" || phones.value.length === 0}
          >
            Send
          </button>
          <p class="run-state" role="status">
            {isSending.value ? "Under way …" : (result.value?.outcome ?? "")}
          </p>
        </div>
      </form>
      {result.value !== null && <Bytes frames={result.value.frames} />}
    </div>
  );
}

function Fields({ draft }: { readonly draft: Signal<ComposeRequest> }) {
  const { kind, wire } = draft.value;
  const set = (part: Partial<ComposeRequest>): void => {
    draft.value = { ...draft.value, ...part };
  };
  const choice = (
    name: keyof ComposeRequest,
    label: string,
    options: readonly (readonly [string | number, string])[],
  ) => (
    <Field label={label}>
      {(id) => (
        <select
          id={id}
          value={String(draft.value[name])}
          onChange={({ currentTarget }) => {
            const option = options.find(([value]) => String(value) === currentTarget.value)!;
            set({ [name]: option[0] });
          }}
        >
          {options.map(([value, text]) => (
            <option key={value} value={String(value)}>
              {text}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
  const text = (
    name: "title" | "body" | "threadId" | "collapseId",
    label: string,
    maxLength: number,
    hint?: string,
  ) => (
    <Field label={label} hint={hint}>
      {(id, hintId) => (
        <input
          id={id}
          aria-describedby={hintId}
          type="text"
          maxLength={maxLength}
          value={draft.value[name]}
          onInput={({ currentTarget }) => set({ [name]: currentTarget.value })}
        />
      )}
    </Field>
  );
  const whole = (name: "badge" | "percent", label: string, max: number, hint?: string) => (
    <Field label={label} hint={hint}>
      {(id, hintId) => (
        <input
          id={id}
          aria-describedby={hintId}
          type="number"
          min={0}
          max={max}
          value={draft.value[name] ?? ""}
          onInput={({ currentTarget: { value } }) => {
            if (value !== "") set({ [name]: Number(value) });
            else if (name === "badge") set({ badge: null });
          }}
        />
      )}
    </Field>
  );
  return (
    <>
      <div class="fields">
        {choice(
          "phone",
          "To",
          phones.value.map(({ name }, index) => [index, `${name}'s phone`] as const),
        )}
        {choice("kind", "Kind", [
          ["alert", "Alert"],
          ["activity", "Live Activity"],
        ])}
        {choice("wire", "Over", [
          ["http2", "HTTP/2"],
          ["binary", "Binary (legacy)"],
        ])}
        {wire === "binary" &&
          choice("format", "Format", [
            [0, "0, simple"],
            [1, "1, enhanced"],
            [2, "2, framed"],
          ])}
        {text("title", "Title", 200)}
        {text("body", "Text", 1000)}
        {kind === "activity" ? (
          <>
            {choice("event", "Event", [
              ["start", "start"],
              ["update", "update"],
              ["end", "end"],
            ])}
            {whole("percent", "Percent", 100)}
          </>
        ) : (
          <>
            {whole("badge", "Badge", 99_999, "Empty: as it is")}
            {text("threadId", "Thread", 64, "Groups on the phone")}
            {wire === "http2" && text("collapseId", "Collapse id", 64, "Replaces the one before it")}
          </>
        )}
      </div>
      <div class="checks">
        {kind === "alert" && (
          <label class="check">
            <input
              type="checkbox"
              checked={draft.value.sound}
              onChange={({ currentTarget }) => set({ sound: currentTarget.checked })}
            />
            With a sound
          </label>
        )}
        <label class="check">
          <input
            type="checkbox"
            checked={draft.value.once}
            onChange={({ currentTarget }) => set({ once: currentTarget.checked })}
          />
          One attempt, never stored
        </label>
      </div>
    </>
  );
}
