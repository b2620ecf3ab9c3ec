using Basalt.Filters;
using Basalt.Records;
using Basalt.Schemas;

namespace Basalt.Migration;

/// <summary>
/// Changes to records on their way: a JSON object of <c>where</c>, <c>rename</c>, <c>default</c>, <c>set</c>, <c>convert</c>, <c>compute</c>, <c>drop</c>
/// and <c>keep</c>, applied in this order whatever their order in the text: see <c>docs/formats/transform.md</c>. Immutable and thread-safe.
/// </summary>
public sealed class TransformSpec
{
    private readonly Predicate<Record>? _where;
    private readonly TransformStep[] _steps;

    private TransformSpec(Filter? where, TransformStep[] steps, string text)
    {
        _where = where?.Compile();
        _steps = steps;
        Text = text;
    }

    /// <summary>A transform from its JSON.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidData"/>: it is not a transform; the message says what and where.</exception>
    public static TransformSpec Parse(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        var (where, steps, text) = TransformParser.Parse(json);
        return new TransformSpec(where, steps, text);
    }

    /// <summary>The record as changed, or null when <c>where</c> leaves it out. The given record is never changed.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidRecord"/>: a step does not fit the record; the message names both and the field.</exception>
    public Record? Apply(Record record)
    {
        ArgumentNullException.ThrowIfNull(record);
        if (_where is not null && !_where(record)) return null;
        foreach (var step in _steps)
        {
            try
            {
                record = step.Apply(record);
            }
            catch (BasaltException e)
            {
                var which = record.Id.Length > 0 ? $"record '{record.Id}', " : "";
                throw new BasaltException(ErrorCode.InvalidRecord, $"{which}{step.Name} {step.Path}: {e.Message.TrimEnd('.')}.", e) { Operation = "transform", Target = record.Id };
            }
        }

        return record;
    }

    /// <summary>The transform as one line of JSON; equal for equal transforms that name things in the same order.</summary>
    public override string ToString() => Text;

    internal string Text { get; }

    /// <summary>Whether it only chooses records, so that they fit the schema that they fitted before.</summary>
    internal bool KeepsShape => _steps.Length == 0;

    /// <summary>The conversions of fields, by their names at that step.</summary>
    internal IEnumerable<(string Field, FieldType Type)> Conversions =>
        _steps.OfType<ConvertStep>().Where(static s => IsPlain(s.Path)).Select(static s => (s.Path.Segments[0], s.Type));

    /// <summary>The name that a field has before it is renamed.</summary>
    internal string SourceName(string field) =>
        _steps.OfType<RenameStep>().FirstOrDefault(s => IsPlain(s.Path) && IsPlain(s.To) && s.To.Segments[0] == field)?.Path.Segments[0] ?? field;

    private static bool IsPlain(FieldPath path) => path is { Part: RecordPart.Fields, Segments.Count: 1 };
}
