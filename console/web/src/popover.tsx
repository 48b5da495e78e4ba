import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

/** Gives a button in a popover the focus again that its own deed took: it moved, was disabled, or is gone; then the box below has it. */
export function keepFocus(e: { currentTarget: HTMLButtonElement }): void {
  const button = e.currentTarget;
  const box = button.closest(".popover");
  requestAnimationFrame(() => (button.isConnected && !button.disabled ? button : box?.querySelector("input"))?.focus());
}

/** A button and what opens under it. It closes by Escape, by a click elsewhere, and when what is in it calls close. */
export function Popover(props: { label: string; class?: string; button: ComponentChildren; small?: boolean; onOpen?: () => void; children: (close: () => void) => ComponentChildren }) {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    if (!open) return;
    props.onOpen?.();
    const away = (e: Event) => box.current?.contains(e.target as Node) || setOpen(false);
    // Heard wherever it is pressed: the button that had the focus may be gone, or disabled.
    const escape = (e: KeyboardEvent) => e.key === "Escape" && close();
    addEventListener("pointerdown", away);
    addEventListener("keydown", escape);
    return () => {
      removeEventListener("pointerdown", away);
      removeEventListener("keydown", escape);
    };
  }, [open]);
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  return (
    <div class="opens" ref={box}>
      <button ref={button} type="button" class={props.small ? "small" : undefined} aria-haspopup="dialog" aria-expanded={open} onClick={() => setOpen(!open)}>
        {props.button}
      </button>
      {open && (
        <div class={`popover ${props.class ?? ""}`} role="dialog" aria-label={props.label}>
          {props.children(close)}
        </div>
      )}
    </div>
  );
}
