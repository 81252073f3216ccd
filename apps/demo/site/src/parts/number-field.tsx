import { Field } from "./field.js";

export interface NumberFieldProps {
  readonly label: string;
  readonly hint?: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly value: number;
  readonly onChange: (value: number) => void;
}

/** A number with its label; what is out of bounds is not taken over. */
export function NumberField({ label, hint, min, max, step, value, onChange }: NumberFieldProps) {
  return (
    <Field label={label} hint={hint}>
      {(id, hintId) => (
        <input
          id={id}
          aria-describedby={hintId}
          type="number"
          inputMode="decimal"
          required
          min={min}
          max={max}
          // Any number in between is welcome; the arrows take bigger steps.
          step="any"
          value={value}
          onKeyDown={(event) => {
            const direction = event.key === "ArrowUp" ? 1 : event.key === "ArrowDown" ? -1 : 0;
            if (direction === 0) return;
            event.preventDefault();
            const next = Math.round((value + direction * step) / step) * step;
            onChange(Math.min(max, Math.max(min, Number(next.toFixed(3)))));
          }}
          onInput={({ currentTarget }) => {
            const next = currentTarget.valueAsNumber;
            if (next >= min && next <= max) onChange(next);
          }}
        />
      )}
    </Field>
  );
}
