using System.Diagnostics.CodeAnalysis;
using Basalt.Records;

namespace Basalt.Schemas;

/// <summary>
/// Turns objects of a class, record or struct into records and back. Made once for each type and shared by all threads.
/// </summary>
/// <remarks>
/// <para><b>Members.</b> Every public property that can be read, and set by a public setter, an init accessor or a constructor parameter of the same
/// name (case does not count) and type, is a field; computed properties and those marked <c>[NotMapped]</c> are not. Of the
/// public constructors the one with the most parameters that are all properties is called.</para>
/// <para><b>Id.</b> The property with <c>[Key]</c>, else the one called <c>Id</c>, is the id of the record and an ordinary field as well: text, a
/// guid or an integer. Null, empty text and the empty guid mean that the store mints the id; on reading, the id of the record counts.</para>
/// <para><b>Types.</b> Integers are int64 (ulong: decimal), float and double are double, char, string, Uri, enums (by name) and TimeOnly
/// (<c>HH:mm:ss.fffffff</c>) are text, TimeSpan is int64 in ticks of 100 ns, DateOnly is the date-time of midnight UTC. A DateTime of unspecified
/// kind counts as UTC, and reads back as UTC. float[] and ReadOnlyMemory&lt;float&gt; are vectors, byte[] and ReadOnlyMemory&lt;byte&gt; bytes;
/// arrays, List&lt;T&gt; and its interfaces are lists; Dictionary&lt;string, T&gt; and nested types are maps.</para>
/// <para><b>Required</b> are <c>[Required]</c> and <c>required</c> properties, value types that are not nullable, and references that the compiler
/// knows as not nullable, the id apart. A null property is written as null. On reading, a property whose field is missing keeps its
/// initial value, unless it is <c>required</c> or a constructor parameter without a default.</para>
/// <para><b>Annotations</b> that become constraints: Required (then text is not empty either), Range, StringLength, MinLength, MaxLength, Length (an
/// exact one is the dimension of a vector), RegularExpression, EmailAddress, AllowedValues, DefaultValue, Description, Column (its name); any other
/// validation attribute becomes the field's <see cref="Field.Check"/>. Lengths of text count code points.</para>
/// </remarks>
/// <typeparam name="T">The mapped type.</typeparam>
public sealed class Mapper<[DynamicallyAccessedMembers(Mapping.Members)] T>
{
    private static Mapper<T>? _default;
    private readonly MappedType _type;

    private Mapper()
    {
        _type = MappedType.Of(typeof(T));
        Schema = new Schema(_type.Members.Select(static member => member.Field), _type.Key?.Field.Name);
    }

    /// <summary>The mapper of the type.</summary>
    /// <exception cref="NotSupportedException">The type, or that of a property, cannot be mapped; the message names the property.</exception>
    /// <exception cref="ArgumentException">The annotations of a property contradict themselves; the message names the field.</exception>
    public static Mapper<T> Default => _default ??= new Mapper<T>();

    /// <summary>The declared fields; open, as a collection may hold more than the type knows of.</summary>
    public Schema Schema { get; }

    internal MappedType Type => _type;

    /// <summary>The object as a record. It is not validated here.</summary>
    /// <exception cref="ArgumentException">Text is not well-formed Unicode, or the id is too long.</exception>
    public Record ToRecord(T item)
    {
        ArgumentNullException.ThrowIfNull(item);
        return _type.ToRecord(item);
    }

    /// <summary>The record as an object; fields that the type does not know are left out.</summary>
    /// <exception cref="BasaltException">
    /// <see cref="ErrorCode.InvalidRecord"/>: a value is not of the property's type or beyond its range, or is missing where the type needs it; the
    /// message names field and record.
    /// </exception>
    public T FromRecord(Record record)
    {
        ArgumentNullException.ThrowIfNull(record);
        Violation? fault = null;
        var item = _type.Read(record.Fields, record.Id, ref fault);
        if (fault is null) return (T)item!;
        throw new BasaltException(ErrorCode.InvalidRecord, $"The record '{record.Id}' cannot be read as {typeof(T).Name}: {fault}.") { Target = record.Id };
    }
}
