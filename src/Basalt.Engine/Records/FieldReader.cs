using Basalt.Filters;
using Basalt.Records;

namespace Basalt.Engine.Records;

/// <summary>Reads the value at one path out of stored records and steps over the rest. Knows names that are added later, too. Not thread-safe.</summary>
internal sealed class FieldReader(FieldPath path, NameList names)
{
    private readonly FieldPath[] _paths = [path];
    private RecordReader? _reader;
    private string[] _known = [];

    /// <summary>The value; null when the record has none there.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a record.</exception>
    public Value Read(ReadOnlySpan<byte> record) => path.Resolve(Reader().Read("", record));

    private RecordReader Reader()
    {
        var current = names.Names;
        if (_reader is { } reader && ReferenceEquals(_known, current)) return reader;
        (_known, _reader) = (current, new RecordReader(current, _paths, isDelivered: false));
        return _reader;
    }
}
