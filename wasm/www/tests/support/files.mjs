// Ten files whose verdicts are compared with the command line's.
import { corpus } from './places.mjs';
import { binary, withIdentity } from './profiles.mjs';

/** Each by its kind. */
export const FILES = {
  signed: () => corpus('0538b1ff5d-ios.mobileconfig'),
  'a template': () => corpus('2284532723-vpn.mobileconfig.j2'),
  malformed: () => corpus('1b68bac18e-create_vpn_configs.embedded0.mobileconfig'),
  'with text beyond ASCII': () => corpus('30c66b9d78-vpn.mobileconfig'),
  'the largest': () => corpus('944093cf41-my_vpn.mobileconfig'),
  'of IKEv2': () => corpus('406680093f-vpn-profile.mobileconfig'),
  'of IPSec': () => corpus('235d4ec6bf-hk1_3_.mobileconfig'),
  'of an app (VPN)': () => corpus('596417accb-sample.mobileconfig'),
  'with PKCS#12': withIdentity,
  'binary, with text beyond ASCII': binary,
};
