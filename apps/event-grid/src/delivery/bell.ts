/** Wakes who waits for it, or will wait for it next: many rings before are one. */
export class Bell {
  private hasRung = false;
  private wake: (() => void) | undefined;

  readonly ring = (): void => {
    this.hasRung = true;
    this.wake?.();
  };

  /** Until it rings, or has since the last wait; at most so long. */
  async heard(ms: number): Promise<void> {
    if (!this.hasRung) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
        timer = setTimeout(resolve, ms);
      });
      clearTimeout(timer);
      this.wake = undefined;
    }
    this.hasRung = false;
  }
}
