//! CBC over whichever cipher: the mode is compiled once for each size of blocks and not once for each cipher, for the sake
//! of the web page's module.

use cbc::Decryptor;
use cbc::cipher::array::ArraySize;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::consts::U1;
use cbc::cipher::{
    Block, BlockCipherDecBackend, BlockCipherDecClosure, BlockCipherDecrypt, BlockModeDecrypt, BlockSizeUser,
    InOut, InnerIvInit, ParBlocksSizeUser,
};
use zeroize::Zeroizing;

use super::Pkcs12Error;
use crate::certificate::asn1::Malformed;

/// A cipher with its key that decrypts one block of `N` bytes.
pub(super) trait DecryptBlock<N: ArraySize> {
    /// Decrypts a block, in place or elsewhere.
    fn decrypt(&self, block: InOut<'_, '_, cbc::cipher::Array<u8, N>>);
}

impl<N: ArraySize, C: BlockCipherDecrypt<BlockSize = N>> DecryptBlock<N> for C {
    fn decrypt(&self, block: InOut<'_, '_, cbc::cipher::Array<u8, N>>) {
        self.decrypt_block_inout(block);
    }
}

/// Such a cipher, whichever it is. It is wiped when dropped, as the ciphers are.
pub(super) type Boxed<N> = Box<dyn DecryptBlock<N>>;

/// CBC with PKCS#7 padding.
pub(super) fn decrypt_cbc<N: ArraySize>(
    cipher: Boxed<N>,
    iv: &[u8],
    ciphertext: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Pkcs12Error> {
    let mode = Decryptor::inner_iv_slice_init(Whichever(cipher), iv);
    let mode =
        mode.map_err(|_| Malformed { offset: 0, expected: "an initialisation vector of one block" })?;
    let mut plain = Zeroizing::new(ciphertext.to_vec());
    let length = mode.decrypt_padded::<Pkcs7>(&mut plain).map_err(|_| Pkcs12Error::WrongPassword)?.len();
    plain.truncate(length);
    Ok(plain)
}

/// The same as a cipher of the library.
struct Whichever<N: ArraySize>(Boxed<N>);

impl<N: ArraySize> BlockSizeUser for Whichever<N> {
    type BlockSize = N;
}

impl<N: ArraySize> ParBlocksSizeUser for Whichever<N> {
    type ParBlocksSize = U1;
}

impl<N: ArraySize> BlockCipherDecrypt for Whichever<N> {
    fn decrypt_with_backend(&self, f: impl BlockCipherDecClosure<BlockSize = N>) {
        f.call(self);
    }
}

impl<N: ArraySize> BlockCipherDecBackend for Whichever<N> {
    fn decrypt_block(&self, block: InOut<'_, '_, Block<Self>>) {
        self.0.decrypt(block);
    }
}
