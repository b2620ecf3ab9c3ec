using System.Buffers;

namespace Basalt.Lsm.Tables;

/// <summary>What a lookup is to make of the entry that it finds: always its place; of the value an array, what a destination makes of it, or nothing.</summary>
internal ref struct EntrySink
{
    private readonly IBufferWriter<byte>? _destination;
    private readonly bool _wantsArray;

    private EntrySink(IBufferWriter<byte>? destination, bool wantsArray) => (_destination, _wantsArray) = (destination, wantsArray);

    /// <summary>The value in an array of its own.</summary>
    public static EntrySink Array => new(null, wantsArray: true);

    /// <summary>The place alone.</summary>
    public static EntrySink None => default;

    /// <summary>The value, when there was one and an array is wanted.</summary>
    public byte[]? Value { get; private set; }

    /// <summary>Where it was found; nowhere when it was not.</summary>
    public EntryPlace Place { get; private set; }

    public static EntrySink To(IBufferWriter<byte> destination) => new(destination, wantsArray: false);

    public void Take(ReadOnlySpan<byte> value, EntryPlace place)
    {
        Place = place;
        if (_destination is not null) _destination.Write(value);
        else if (_wantsArray) Value = value.ToArray();
    }
}
