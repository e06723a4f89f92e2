/** A worker, keys of every kind, and a machine that may use them. */
import type {
  KeyPurpose,
  KeyType,
  OperationName,
  OperationReply,
  OperationRequest,
  ProtectionLevel,
} from '@strongroom/contracts';
import type { Answer, TestCaller } from './test-caller.ts';
import { codeOf, done, WorkerScene } from './worker-scene.ts';

export const group = 'default';

export interface KeyWish {
  readonly purpose: KeyPurpose;
  readonly type?: KeyType;
  readonly protection?: ProtectionLevel;
}

export class CryptoScene {
  readonly scene: WorkerScene;
  readonly #app: TestCaller;

  private constructor(scene: WorkerScene, app: TestCaller) {
    this.scene = scene;
    this.#app = app;
  }

  static async set(keys: Readonly<Record<string, KeyWish>>): Promise<CryptoScene> {
    const scene = await WorkerScene.set();
    for (const [name, wish] of Object.entries(keys)) await scene.ask('key.create', { group, name, ...wish });
    return new CryptoScene(scene, await scene.machine('shop', 'crypto-user'));
  }

  ask<Name extends OperationName>(name: Name, params: OperationRequest<Name>): Promise<Answer> {
    return this.#app.call(this.scene.worker, name, params);
  }

  async carryOut<Name extends OperationName>(
    name: Name,
    params: OperationRequest<Name>,
  ): Promise<OperationReply<Name>> {
    return done<Name>(await this.ask(name, params));
  }

  async codeOf<Name extends OperationName>(name: Name, params: OperationRequest<Name>): Promise<string> {
    return codeOf(await this.ask(name, params));
  }
}
