import { Injectable } from '@nestjs/common';

/** Whether events of a type are wanted now. */
export type WantsType = (type: string) => boolean;

const everyType: WantsType = () => true;

/**
 * Narrows down which types the handlers take, while the service runs: for a consumer whose users say what they want.
 *
 *     constructor(interest: EventInterest) { interest.follow(() => this.wantedNow()); }
 *
 * It is asked before each batch, after the batch has been read: an event that was sent after somebody's wish had been
 * stored meets that wish, in every replica. What is not wanted is skipped by its application property, and nothing is
 * written for it. `CustomerErased` is wanted always.
 */
@Injectable()
export class EventInterest {
  private ask: () => Promise<WantsType> = async () => everyType;

  /** @param ask answers quickly, from what is stored; when it throws, the partition waits and nothing is skipped */
  follow(ask: () => Promise<WantsType>): void {
    this.ask = ask;
  }

  now(): Promise<WantsType> {
    return this.ask();
  }
}
