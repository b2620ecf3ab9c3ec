namespace Basalt.Lsm.Loads;

/// <summary>The sorted entries of a load's buffer, from the first to the last; of equal keys the one that was added last.</summary>
internal sealed unsafe class LoadCursor(LoadBuffer buffer, int* places, int count)
{
    private const int Ahead = 8;
    private int _next;
    private int _place;

    public ReadOnlySpan<byte> Key => buffer.KeyAt(_place);

    public ReadOnlySpan<byte> Value => buffer.ValueAt(_place);

    public EntryKind Kind => buffer.KindAt(_place);

    /// <summary>Goes to the next entry; false behind the last.</summary>
    public bool Move()
    {
        if (_next == count) return false;
        _place = places[_next++];
        // Entries lie in the order of their adding: the processor cannot guess which comes.
        if (_next + Ahead < count) buffer.Prefetch(places[_next + Ahead]);
        while (_next < count && buffer.KeyAt(places[_next]).SequenceEqual(Key)) _place = places[_next++];
        return true;
    }
}
