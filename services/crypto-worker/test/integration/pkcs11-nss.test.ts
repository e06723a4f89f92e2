import { describeAdapter } from '../../testing/adapter-contract.ts';
import { openOnNss } from '../../testing/nss/nss-adapter.ts';

describeAdapter('NSS', openOnNss);
