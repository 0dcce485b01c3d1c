//! Union–find with the sizes of the sets.

/// Sets of items that only ever grow together.
pub struct DisjointSets {
    parent: Vec<usize>,
    size: Vec<usize>,
}

impl DisjointSets {
    /// `count` sets of one each.
    #[must_use]
    pub fn new(count: usize) -> Self {
        Self { parent: (0..count).collect(), size: vec![1; count] }
    }

    /// The representative of the set that holds `item`.
    pub fn find(&mut self, mut item: usize) -> usize {
        while self.parent[item] != item {
            self.parent[item] = self.parent[self.parent[item]];
            item = self.parent[item];
        }
        item
    }

    /// Joins two sets.
    pub fn join(&mut self, a: usize, b: usize) {
        self.join_within(a, b, usize::MAX);
    }

    /// Joins two sets unless together they would hold more than `cap` items; says whether they are one now.
    pub fn join_within(&mut self, a: usize, b: usize, cap: usize) -> bool {
        let (a, b) = (self.find(a), self.find(b));
        if a == b {
            return true;
        }
        if self.size[a] + self.size[b] > cap {
            return false;
        }
        let (into, from) = if self.size[a] < self.size[b] { (b, a) } else { (a, b) };
        self.parent[from] = into;
        self.size[into] += self.size[from];
        true
    }
}
