namespace Basalt.Records;

/// <summary>
/// An ordered map from id to record: a persistent B+ tree. A tree never changes once it is shared: an <see cref="Editor"/> copies the nodes on
/// the way to a change, once per edit. So a root is a snapshot, readers need no lock, and rolling back is keeping the old root.
/// </summary>
/// <remarks>Searches bear with nodes that another thread is changing (an editor may be searched so, see <see cref="Editor.Find"/>): they end, with an answer of no worth.</remarks>
internal sealed class RecordTree
{
    private const int LeafCapacity = 64;
    private const int InnerCapacity = 64;

    private readonly Node _root;

    private RecordTree(Node root, long count)
    {
        _root = root;
        Count = count;
    }

    public static RecordTree Empty { get; } = new(new Leaf(null), 0);

    public long Count { get; }

    public Record? Find(string id) => Find(_root, id);

    private static Record? Find(Node node, string id)
    {
        while (node is Inner inner) node = inner.Children[inner.ChildOf(id)]!;
        if (node is not Leaf leaf) return null;
        var at = leaf.Search(id);
        return at >= 0 ? leaf.Records[at] : null;
    }

    /// <summary>The leaves' records in the order of ids, from the first id greater than <paramref name="afterId"/>; as runs, to be looped over without calls.</summary>
    public IEnumerable<ReadOnlyMemory<Record>> Runs(string? afterId = null)
    {
        var path = new Stack<(Inner Node, int Next)>();
        var node = _root;
        while (true)
        {
            while (node is Inner inner)
            {
                var child = afterId is null ? 0 : inner.ChildOf(afterId);
                path.Push((inner, child + 1));
                node = inner.Children[child]!;
            }

            var leaf = (Leaf)node;
            var from = afterId is null ? 0 : leaf.FirstAfter(afterId);
            if (from < leaf.Count) yield return leaf.Records.AsMemory(from, leaf.Count - from)!;
            afterId = null;

            (Inner Node, int Next) step;
            do
            {
                if (!path.TryPop(out step)) yield break;
            }
            while (step.Next >= step.Node.Count);
            path.Push((step.Node, step.Next + 1));
            node = step.Node.Children[step.Next]!;
        }
    }

    /// <summary>Starts an edit. The tree itself stays as it is.</summary>
    public Editor Edit() => new(this);

    private abstract class Node(object? owner)
    {
        /// <summary>The edit that made this node and may change it in place.</summary>
        public readonly object? Owner = owner;
        public int Count;
    }

    private sealed class Leaf(object? owner) : Node(owner)
    {
        public readonly Record?[] Records = new Record[LeafCapacity];

        /// <summary>The records' ids: a search looks at these alone, which halves its cache misses.</summary>
        public readonly string?[] Ids = new string[LeafCapacity];

        /// <summary>The position of an id, or the complement of where it belongs.</summary>
        public int Search(string id)
        {
            int low = 0, high = Count - 1;
            while (low <= high)
            {
                var middle = (low + high) >> 1;
                var order = Ids[middle] is { } other ? Text.Compare(other, id) : 1;
                if (order == 0) return middle;
                if (order < 0) low = middle + 1;
                else high = middle - 1;
            }

            return ~low;
        }

        public int FirstAfter(string id)
        {
            var at = Search(id);
            return at >= 0 ? at + 1 : ~at;
        }

        public Leaf OwnedBy(object owner)
        {
            if (ReferenceEquals(Owner, owner)) return this;
            var copy = new Leaf(owner) { Count = Count };
            Records.AsSpan(0, Count).CopyTo(copy.Records);
            Ids.AsSpan(0, Count).CopyTo(copy.Ids);
            return copy;
        }

        public void Insert(int at, Record record)
        {
            Records.AsSpan(at, Count - at).CopyTo(Records.AsSpan(at + 1));
            Ids.AsSpan(at, Count - at).CopyTo(Ids.AsSpan(at + 1));
            Records[at] = record;
            Ids[at] = record.Id;
            Count++;
        }

        public void RemoveAt(int at)
        {
            Records.AsSpan(at + 1, Count - at - 1).CopyTo(Records.AsSpan(at));
            Ids.AsSpan(at + 1, Count - at - 1).CopyTo(Ids.AsSpan(at));
            Records[--Count] = null;
            Ids[Count] = null;
        }

        /// <summary>Moves the records from a position on to the end of another leaf.</summary>
        public void MoveTo(Leaf target, int from)
        {
            var moved = Count - from;
            Records.AsSpan(from, moved).CopyTo(target.Records.AsSpan(target.Count));
            Ids.AsSpan(from, moved).CopyTo(target.Ids.AsSpan(target.Count));
            Records.AsSpan(from, moved).Clear();
            Ids.AsSpan(from, moved).Clear();
            target.Count += moved;
            Count = from;
        }
    }

    private sealed class Inner(object? owner) : Node(owner)
    {
        public readonly Node?[] Children = new Node[InnerCapacity];

        /// <summary>Per child the smallest id that may be in it; the first is never looked at.</summary>
        public readonly string[] Lowest = new string[InnerCapacity];

        public int ChildOf(string id)
        {
            int low = 1, high = Count - 1;
            while (low <= high)
            {
                var middle = (low + high) >> 1;
                if (Lowest[middle] is { } lowest && Text.Compare(lowest, id) <= 0) low = middle + 1;
                else high = middle - 1;
            }

            return low - 1;
        }

        public Inner OwnedBy(object owner)
        {
            if (ReferenceEquals(Owner, owner)) return this;
            var copy = new Inner(owner) { Count = Count };
            Children.AsSpan(0, Count).CopyTo(copy.Children);
            Lowest.AsSpan(0, Count).CopyTo(copy.Lowest);
            return copy;
        }

        public void Insert(int at, string lowest, Node child)
        {
            Children.AsSpan(at, Count - at).CopyTo(Children.AsSpan(at + 1));
            Lowest.AsSpan(at, Count - at).CopyTo(Lowest.AsSpan(at + 1));
            Children[at] = child;
            Lowest[at] = lowest;
            Count++;
        }

        public void RemoveAt(int at)
        {
            Children.AsSpan(at + 1, Count - at - 1).CopyTo(Children.AsSpan(at));
            Lowest.AsSpan(at + 1, Count - at - 1).CopyTo(Lowest.AsSpan(at));
            Children[--Count] = null;
            Lowest[Count] = null!;
        }
    }

    /// <summary>Changes that become a new tree. One thread; reads see the changes made so far.</summary>
    public sealed class Editor
    {
        private object _owner = new();
        private Node _root;
        private long _count;
        private Leaf? _foundLeaf;
        private int _foundAt;
        private string? _foundId;

        internal Editor(RecordTree tree)
        {
            _root = tree._root;
            _count = tree.Count;
        }

        /// <summary>How many records there are, as edited so far.</summary>
        public long Count => _count;

        /// <summary>
        /// The record as edited so far. Another thread may call this during an edit if it then makes sure that no edit happened meanwhile, and
        /// otherwise throws the answer away.
        /// </summary>
        public Record? Find(string id) => RecordTree.Find(_root, id);

        /// <summary>The record as edited so far; a put of the same id that follows does not search again. Only for the editing thread.</summary>
        public Record? FindToChange(string id)
        {
            var node = _root;
            while (node is Inner inner) node = inner.Children[inner.ChildOf(id)]!;
            var leaf = (Leaf)node;
            var at = leaf.Search(id);
            (_foundLeaf, _foundAt, _foundId) = (leaf, at, id);
            return at >= 0 ? leaf.Records[at] : null;
        }

        /// <summary>The tree as edited so far. Later edits copy what it holds.</summary>
        public RecordTree Commit()
        {
            _owner = new object();
            return new RecordTree(_root, _count);
        }

        public void Reset(RecordTree tree) => (_root, _count, _foundLeaf) = (tree._root, tree.Count, null);

        /// <summary>Adds the record, or replaces the one with its id.</summary>
        public void Put(Record record)
        {
            if (PutWhereFound(record)) return;
            var split = Put(ref _root, record);
            if (split is null) return;
            var root = new Inner(_owner) { Count = 2 };
            (root.Children[0], root.Children[1]) = (_root, split.Value.Right);
            (root.Lowest[0], root.Lowest[1]) = ("", split.Value.Lowest);
            _root = root;
        }

        public void Remove(string id)
        {
            _foundLeaf = null;
            if (Remove(ref _root, id)) _count--;
            while (_root is Inner { Count: 1 } inner) _root = inner.Children[0]!;
            if (_root is Inner { Count: 0 }) _root = new Leaf(_owner);
        }

        // A leaf of this edit is reached only through nodes of this edit, so nothing on the way needs a copy.
        private bool PutWhereFound(Record record)
        {
            var leaf = _foundLeaf;
            _foundLeaf = null;
            if (leaf is null || !ReferenceEquals(leaf.Owner, _owner) || !ReferenceEquals(_foundId, record.Id)) return false;
            if (_foundAt >= 0)
            {
                (leaf.Records[_foundAt], leaf.Ids[_foundAt]) = (record, record.Id);
                return true;
            }

            if (leaf.Count == LeafCapacity) return false;
            leaf.Insert(~_foundAt, record);
            _count++;
            return true;
        }

        private (string Lowest, Node Right)? Put(ref Node node, Record record)
        {
            if (node is Leaf shared)
            {
                var leaf = shared.OwnedBy(_owner);
                node = leaf;
                return PutInLeaf(leaf, record);
            }

            var inner = ((Inner)node).OwnedBy(_owner);
            node = inner;
            var at = inner.ChildOf(record.Id);
            var split = Put(ref inner.Children[at]!, record);
            if (split is null) return null;
            if (inner.Count < InnerCapacity)
            {
                inner.Insert(at + 1, split.Value.Lowest, split.Value.Right);
                return null;
            }

            var right = new Inner(_owner);
            // Ascending ids split at the end: the left node stays full.
            var keep = at == inner.Count - 1 ? inner.Count - 1 : inner.Count / 2;
            Move(inner.Children, inner.Lowest, keep, inner, right);
            var target = at < keep ? inner : right;
            target.Insert(at < keep ? at + 1 : at - keep + 1, split.Value.Lowest, split.Value.Right);
            return (right.Lowest[0], right);
        }

        private static void Move(Node?[] children, string[] lowest, int keep, Inner left, Inner right)
        {
            right.Count = left.Count - keep;
            children.AsSpan(keep, right.Count).CopyTo(right.Children);
            lowest.AsSpan(keep, right.Count).CopyTo(right.Lowest);
            children.AsSpan(keep, right.Count).Clear();
            lowest.AsSpan(keep, right.Count).Clear();
            left.Count = keep;
        }

        private (string Lowest, Node Right)? PutInLeaf(Leaf leaf, Record record)
        {
            // Ascending ids, as minted ones are, need one comparison.
            var at = leaf.Count > 0 && Text.Compare(leaf.Ids[leaf.Count - 1]!, record.Id) < 0 ? ~leaf.Count : leaf.Search(record.Id);
            if (at >= 0)
            {
                (leaf.Records[at], leaf.Ids[at]) = (record, record.Id);
                return null;
            }

            at = ~at;
            _count++;
            if (leaf.Count < LeafCapacity)
            {
                leaf.Insert(at, record);
                return null;
            }

            var right = new Leaf(_owner);
            var keep = at == leaf.Count ? leaf.Count : leaf.Count / 2;
            leaf.MoveTo(right, keep);
            if (at < keep) leaf.Insert(at, record);
            else right.Insert(at - keep, record);
            return (right.Records[0]!.Id, right);
        }

        private bool Remove(ref Node node, string id)
        {
            if (node is Leaf shared)
            {
                var position = shared.Search(id);
                if (position < 0) return false;
                var leaf = shared.OwnedBy(_owner);
                node = leaf;
                leaf.RemoveAt(position);
                return true;
            }

            var inner = ((Inner)node).OwnedBy(_owner);
            var at = inner.ChildOf(id);
            if (!Remove(ref inner.Children[at]!, id)) return false;
            node = inner;
            if (inner.Children[at]!.Count == 0) inner.RemoveAt(at);
            else MergeWithNeighbour(inner, at);
            return true;
        }

        // Sparse leaves are joined once two fit in half a leaf, so that churn neither wastes memory nor thrashes.
        private void MergeWithNeighbour(Inner inner, int at)
        {
            var left = at > 0 ? at - 1 : at;
            if (left + 1 >= inner.Count || inner.Children[left] is not Leaf first || inner.Children[left + 1] is not Leaf second) return;
            if (first.Count + second.Count > LeafCapacity / 2) return;
            var joined = first.OwnedBy(_owner);
            second.OwnedBy(_owner).MoveTo(joined, 0);
            inner.Children[left] = joined;
            inner.RemoveAt(left + 1);
        }
    }
}
