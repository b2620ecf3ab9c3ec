namespace Basalt.Vectors.Advice;

/// <summary>The kinds of index that there are.</summary>
public enum AdvisedIndex
{
    /// <summary>All vectors compared one by one: exact.</summary>
    Flat,

    /// <summary>A navigable graph: the fastest at high recall.</summary>
    Hnsw,

    /// <summary>An inverted file of product codes: the smallest, and quickly built.</summary>
    IvfPq,
}

/// <summary>What is kept of a vector to search by, where it is not the vector itself.</summary>
public enum AdvisedCode
{
    /// <summary>The vector itself.</summary>
    None,

    /// <summary>A byte an element, with the best candidates measured again by their vectors.</summary>
    Int8,

    /// <summary>Four bits a subspace, with the best candidates measured again by their vectors.</summary>
    Product4,
}
