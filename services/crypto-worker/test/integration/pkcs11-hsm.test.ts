import { describeAdapter } from '../../testing/adapter-contract.ts';
import { openOnSoftHsm } from '../../testing/softhsm-adapter.ts';

describeAdapter('SoftHSM', openOnSoftHsm);
