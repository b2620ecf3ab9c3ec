using System.Runtime.Intrinsics.X86;

namespace Basalt.Lsm.Memtables;

internal sealed unsafe partial class Memtable
{
    /// <summary>How many entries are looked for at once: about as many cache misses as a core has under way.</summary>
    public const int MostTogether = 16;

    /// <summary>
    /// Adds entries of a batch, at most <see cref="MostTogether"/>, in their order and with ascending sequences. To find its place an entry meets some twenty nodes,
    /// most of them not in the cache, so the searches go step by step side by side, and each step fetches ahead what the next one compares.
    /// </summary>
    public void Add(ReadOnlySpan<byte> batch, ReadOnlySpan<MemtableEntry> entries, ulong firstSequence)
    {
        if (entries.Length == 1 || _last[0] == _head || IsBehindAll(KeyOf(batch, entries[0])))
        {
            foreach (var entry in entries) Add(KeyOf(batch, entry), ValueOf(batch, entry), entry.Kind, firstSequence++);
            return;
        }

        Span<uint> before = stackalloc uint[MostTogether * MaxHeight];
        FindTogether(batch, entries, before);
        for (var i = 0; i < entries.Length; i++)
        {
            var key = KeyOf(batch, entries[i]);
            var mine = before.Slice(i * MaxHeight, MaxHeight);
            var height = NextHeight();
            // Entries of the same batch may have come between since the search.
            for (var level = Math.Min(height, _height) - 1; level >= 0; level--) mine[level] = Forward(mine[level], level, key);
            Insert(mine, height, key, ValueOf(batch, entries[i]), entries[i].Kind, firstSequence + (uint)i);
        }
    }

    /// <summary>For each entry, on each level, the last node before all versions of its key.</summary>
    private void FindTogether(ReadOnlySpan<byte> batch, ReadOnlySpan<MemtableEntry> entries, Span<uint> before)
    {
        Span<Search> searches = stackalloc Search[MostTogether];
        before.Fill(_head);
        for (var i = 0; i < entries.Length; i++)
        {
            ref var search = ref searches[i];
            search = new Search { Prefix = Prefix(KeyOf(batch, entries[i])), Node = _head, Level = _height - 1 };
            Step(ref search);
        }

        for (var left = entries.Length; left > 0;)
        {
            for (var i = 0; i < entries.Length; i++)
            {
                ref var search = ref searches[i];
                if (search.Level < 0) continue;
                if (search.Next != None && search.Next != search.Behind && IsBefore(search.Next, search.Prefix, KeyOf(batch, entries[i]), ulong.MaxValue))
                {
                    search.Node = search.Next;
                }
                else
                {
                    before[i * MaxHeight + search.Level] = search.Node;
                    search.Behind = search.Next;
                    if (--search.Level < 0)
                    {
                        left--;
                        continue;
                    }
                }

                Step(ref search);
            }
        }
    }

    private void Step(ref Search search)
    {
        search.Next = Link(search.Node, search.Level);
        if (search.Next == None || search.Next == search.Behind || !Sse.IsSupported) return;
        var start = _arena.At(search.Next);
        Sse.Prefetch0(start + PrefixAt);
        Sse.Prefetch0(start + LinksAt + search.Level * sizeof(uint));
    }

    /// <summary>The last node of a level before all versions of a key, from a node before it on.</summary>
    private uint Forward(uint node, int level, ReadOnlySpan<byte> key)
    {
        var prefix = Prefix(key);
        for (var next = Link(node, level); next != None && IsBefore(next, prefix, key, ulong.MaxValue); next = Link(node, level)) node = next;
        return node;
    }

    private static ReadOnlySpan<byte> KeyOf(ReadOnlySpan<byte> batch, MemtableEntry entry) => batch.Slice(entry.KeyAt, entry.KeyLength);

    private static ReadOnlySpan<byte> ValueOf(ReadOnlySpan<byte> batch, MemtableEntry entry) => batch.Slice(entry.ValueAt, entry.ValueLength);

    /// <summary>Where a search has come to: the last node known to be before, the next one of its level, and the one found too great above.</summary>
    private struct Search
    {
        public ulong Prefix;
        public uint Node;
        public uint Next;
        public uint Behind;
        public int Level;
    }
}
