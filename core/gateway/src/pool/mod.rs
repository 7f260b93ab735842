//! The inner addresses a gateway hands to its clients (RFC 7296 2.19, 3.15.1).
//!
//! Owns who holds which address and who held it last. Leaves out the configuration payload that carries
//! addresses, and when a client counts as gone (the gateway's peers).
//!
//! The order is deterministic: a client that comes back gets the address it had last if nobody else holds
//! it; a new client gets one nobody ever had, lowest first; when none is left, the one that has been free
//! longest. Every operation is logarithmic, and memory is bounded by leases plus remembered addresses,
//! however large the range is.

mod range;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

pub use range::{AddressRange, Family, Prefix, RangeError};

use range::{to_ip, to_number};

/// Released addresses whose last holder is remembered, per family. Beyond it the oldest is handed out again
/// although fresh ones are left.
pub const REMEMBERED_PER_FAMILY: usize = 4_096;

/// Identities longer than this get addresses but are not remembered, so that a peer with long names
/// cannot fill memory. In bytes.
pub const REMEMBERED_IDENTITY_LEN: usize = 512;

/// Why there is no address.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PoolError {
    /// The gateway hands out no addresses of this family.
    #[error("no {0} address pool is configured")]
    NoPool(Family),
    /// All addresses of this family are held.
    #[error("the {family} address pool is exhausted: all {leased} addresses are in use; add a pool")]
    Exhausted {
        /// The family asked for.
        family: Family,
        /// How many are held.
        leased: usize,
    },
    /// Two configured ranges share addresses.
    #[error("address pools {0} and {1} overlap")]
    Overlap(AddressRange, AddressRange),
    /// A range from which reserved addresses leave nothing.
    #[error("address pool {0} has no address that a client could hold")]
    Empty(AddressRange),
}

/// Address pools of both families.
#[derive(Clone, Debug)]
pub struct AddressPool {
    v4: Option<FamilyPool>,
    v6: Option<FamilyPool>,
}

impl AddressPool {
    /// A pool over `ranges` (networks lose their network and broadcast address, see
    /// [`AddressRange::usable`]) without the `reserved` addresses, among them the gateway's own.
    ///
    /// # Errors
    /// [`PoolError::Overlap`] and [`PoolError::Empty`].
    pub fn new(ranges: &[AddressRange], reserved: &[IpAddr]) -> Result<Self, PoolError> {
        for (index, range) in ranges.iter().enumerate() {
            for other in ranges.iter().skip(index.saturating_add(1)) {
                if range.overlaps(*other) {
                    return Err(PoolError::Overlap(*range, *other));
                }
            }
        }
        Ok(Self {
            v4: FamilyPool::new(Family::V4, ranges, reserved)?,
            v6: FamilyPool::new(Family::V6, ranges, reserved)?,
        })
    }

    /// Gives `identity` an address of `family`. `hint` is the address the client asked for
    /// (RFC 7296 3.15.1); it gets it if the address is in the pool, free, and nobody else's last one.
    ///
    /// A client that already holds one gets a second: two devices may share one user's identity.
    ///
    /// # Errors
    /// [`PoolError::NoPool`] and [`PoolError::Exhausted`].
    pub fn lease(
        &mut self,
        family: Family,
        identity: &[u8],
        hint: Option<IpAddr>,
    ) -> Result<IpAddr, PoolError> {
        let pool = self.family_mut(family).ok_or(PoolError::NoPool(family))?;
        let hint = hint.filter(|hint| Family::of(*hint) == family).map(to_number);
        match pool.lease(identity, hint) {
            Some(number) => Ok(to_ip(family, number)),
            None => Err(PoolError::Exhausted { family, leased: pool.leased.len() }),
        }
    }

    /// Takes `address` back and remembers who had it. False if nobody held it.
    pub fn release(&mut self, address: IpAddr) -> bool {
        self.family_mut(Family::of(address)).is_some_and(|pool| pool.release(to_number(address)))
    }

    /// The identity that holds `address`.
    #[must_use]
    pub fn holder(&self, address: IpAddr) -> Option<&[u8]> {
        let pool = self.family(Family::of(address))?;
        pool.leased.get(&to_number(address)).map(|identity| identity.as_ref())
    }

    /// How many addresses of `family` are held.
    #[must_use]
    pub fn leased(&self, family: Family) -> usize {
        self.family(family).map_or(0, |pool| pool.leased.len())
    }

    /// How many addresses of `family` there are, held or free; saturates at `u128::MAX`.
    #[must_use]
    pub fn capacity(&self, family: Family) -> u128 {
        self.family(family).map_or(0, FamilyPool::capacity)
    }

    /// True if the pool has addresses of `family` at all.
    #[must_use]
    pub fn has(&self, family: Family) -> bool {
        self.family(family).is_some()
    }

    fn family(&self, family: Family) -> Option<&FamilyPool> {
        match family {
            Family::V4 => self.v4.as_ref(),
            Family::V6 => self.v6.as_ref(),
        }
    }

    fn family_mut(&mut self, family: Family) -> Option<&mut FamilyPool> {
        match family {
            Family::V4 => self.v4.as_mut(),
            Family::V6 => self.v6.as_mut(),
        }
    }
}

/// A released address's last holder, and its place in the order of releases.
#[derive(Clone, Debug)]
struct Released {
    identity: Box<[u8]>,
    order: u64,
}

/// The addresses of one family, as numbers.
#[derive(Clone, Debug)]
struct FamilyPool {
    /// Usable ranges, ascending, disjoint.
    ranges: Vec<(u128, u128)>,
    reserved: BTreeSet<u128>,
    leased: BTreeMap<u128, Box<[u8]>>,
    /// Free addresses somebody held before.
    released: BTreeMap<u128, Released>,
    /// The same by order of release, oldest first.
    by_age: BTreeMap<u64, u128>,
    /// The same by last holder, with the order of release, so that the latest comes last.
    by_identity: BTreeSet<(Box<[u8]>, u64, u128)>,
    next_order: u64,
    /// Where the search for an address nobody had yet goes on: index into `ranges` and number.
    fresh: Option<(usize, u128)>,
}

impl FamilyPool {
    fn new(family: Family, ranges: &[AddressRange], reserved: &[IpAddr]) -> Result<Option<Self>, PoolError> {
        let reserved: BTreeSet<u128> = reserved
            .iter()
            .filter(|address| Family::of(**address) == family)
            .map(|a| to_number(*a))
            .collect();
        let mut usable = Vec::new();
        for range in ranges.iter().filter(|range| range.family() == family) {
            let (first, last) = range.usable().numbers();
            let taken = reserved.range(first..=last).count() as u128;
            if last.saturating_sub(first) < taken {
                return Err(PoolError::Empty(*range));
            }
            usable.push((first, last));
        }
        usable.sort_unstable();
        let fresh = usable.first().map(|(first, _)| (0, *first));
        Ok(fresh.map(|fresh| Self {
            ranges: usable,
            reserved,
            leased: BTreeMap::new(),
            released: BTreeMap::new(),
            by_age: BTreeMap::new(),
            by_identity: BTreeSet::new(),
            next_order: 0,
            fresh: Some(fresh),
        }))
    }

    fn capacity(&self) -> u128 {
        self.ranges.iter().fold(0_u128, |sum, (first, last)| {
            let size = last.saturating_sub(*first).saturating_add(1);
            sum.saturating_add(size.saturating_sub(self.reserved.range(first..=last).count() as u128))
        })
    }

    fn lease(&mut self, identity: &[u8], hint: Option<u128>) -> Option<u128> {
        let number = hint
            .filter(|hint| self.may_have(identity, *hint))
            .or_else(|| self.last_of(identity))
            .or_else(|| if self.released.len() < REMEMBERED_PER_FAMILY { self.take_fresh() } else { None })
            .or_else(|| self.by_age.first_key_value().map(|(_, number)| *number))
            .or_else(|| self.take_fresh())?;
        self.forget(number);
        self.leased.insert(number, identity.into());
        Some(number)
    }

    fn release(&mut self, number: u128) -> bool {
        let Some(mut identity) = self.leased.remove(&number) else { return false };
        if identity.len() > REMEMBERED_IDENTITY_LEN {
            // Still listed as released, or the address would be lost; an empty name matches nobody.
            identity = Box::default();
        }
        let order = self.next_order;
        self.next_order = self.next_order.saturating_add(1);
        self.by_age.insert(order, number);
        self.by_identity.insert((identity.clone(), order, number));
        self.released.insert(number, Released { identity, order });
        true
    }

    /// True if `number` is in the pool and free, and `identity` had it last or nobody did.
    fn may_have(&self, identity: &[u8], number: u128) -> bool {
        let inside = self.ranges.iter().any(|(first, last)| (*first..=*last).contains(&number));
        if !inside || self.reserved.contains(&number) || self.leased.contains_key(&number) {
            return false;
        }
        match self.released.get(&number) {
            Some(released) => *released.identity == *identity,
            None => self.released.len() < REMEMBERED_PER_FAMILY,
        }
    }

    /// The free address that `identity` released last.
    fn last_of(&self, identity: &[u8]) -> Option<u128> {
        if identity.is_empty() || identity.len() > REMEMBERED_IDENTITY_LEN {
            return None;
        }
        let from = (Box::from(identity), 0, 0);
        let to = (Box::from(identity), u64::MAX, u128::MAX);
        self.by_identity.range(from..=to).next_back().map(|(_, _, number)| *number)
    }

    /// The lowest address nobody ever had.
    fn take_fresh(&mut self) -> Option<u128> {
        while let Some((index, number)) = self.fresh {
            let (_, last) = self.ranges.get(index)?;
            self.fresh = if number < *last {
                Some((index, number.saturating_add(1)))
            } else {
                let index = index.saturating_add(1);
                self.ranges.get(index).map(|(first, _)| (index, *first))
            };
            let touched = self.reserved.contains(&number)
                || self.leased.contains_key(&number)
                || self.released.contains_key(&number);
            if !touched {
                return Some(number);
            }
        }
        None
    }

    fn forget(&mut self, number: u128) {
        if let Some(Released { identity, order }) = self.released.remove(&number) {
            self.by_age.remove(&order);
            self.by_identity.remove(&(identity, order, number));
        }
    }
}

#[cfg(test)]
mod tests;
